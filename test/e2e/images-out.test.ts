// Where results go: the local store, OCI and docker archives, plain files, stdout, and what is said of them.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readOciImage, readTar } from '../support/oci-image.ts';
import { mustRun } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e images out');

const simple = (): Promise<Workbench> =>
  workbench({ Dockerfile: 'FROM base\nRUN echo made > /made && chown 7:8 /made\nCMD ["cat", "/made"]\n' });

test('-t keeps the image in the store, which is an OCI layout that skopeo reads', async () => {
  if (!requireWorkbench()) return;
  await using bench = await simple();
  await bench.build(['-t', 'one:1.0', '-t', 'example.org/two']);
  const index = JSON.parse(await readFile(join(bench.root, 'index.json'), 'utf8'));
  const names = index.manifests.flatMap((d: { annotations: Record<string, string> }) =>
    Object.values(d.annotations),
  );
  assert.ok(
    names.some((name: string) => name.endsWith('one:1.0')),
    names.join(' '),
  );
  const tag = index.manifests[0].annotations['org.opencontainers.image.ref.name'];
  const config = JSON.parse(await mustRun(['skopeo', 'inspect', '--config', `oci:${bench.root}:${tag}`]));
  assert.equal(config.config.Cmd, ['cat', '/made']);
});

test('type=oci writes a tar or a folder, with the name it was given', async () => {
  if (!requireWorkbench()) return;
  await using bench = await simple();
  const tar = await bench.image(['-t', 'named/image:7']);
  assert.match(JSON.stringify(tar.index), 'named/image:7');
  assert.is(tar.text('/made'), 'made\n');
  await bench.build([`--output=type=oci,tar=false,dest=${bench.file('folder')}`]);
  const folder = await readOciImage(bench.file('folder'));
  assert.is(folder.digest, tar.digest);
  await mustRun(['skopeo', 'inspect', `oci:${bench.file('folder')}`]);
});

test('type=docker is read as a docker archive and as an OCI layout', async () => {
  if (!requireWorkbench()) return;
  await using bench = await simple();
  const tar = bench.file('docker.tar');
  await bench.build(['-t', 'named:7', `--output=type=docker,dest=${tar}`]);
  const seen = JSON.parse(await mustRun(['skopeo', 'inspect', '--config', `docker-archive:${tar}:named:7`]));
  assert.equal(seen.config.Cmd, ['cat', '/made']);
  assert.is((await readOciImage(tar)).files.get('/made')?.uid, 7);
  await mustRun(['skopeo', 'copy', `docker-archive:${tar}`, `oci:${bench.file('copy')}:x`]);
});

test('type=local and type=tar hold the files of the image', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    'a/b': 'b\n',
    Dockerfile: 'FROM scratch\nCOPY a /a\nCOPY --chown=7:8 a/b /c\n',
  });
  await bench.build([`--output=type=local,dest=${bench.file('files')}`]);
  assert.equal((await readdir(bench.file('files'), { recursive: true })).sort(), ['a', 'a/b', 'c']);
  await bench.build([`--output=${bench.file('short')}`]);
  assert.is(await readFile(bench.file('short/a/b'), 'utf8'), 'b\n');
  await bench.build([`--output=type=tar,dest=${bench.file('files.tar')}`]);
  const entries = await readTar(await readFile(bench.file('files.tar')));
  assert.is(entries.get('c')?.uid, 7);
  assert.is(entries.get('a/b')?.content.toString(), 'b\n');
});

test('dest=- writes to stdout, which holds nothing else', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /x\n' });
  const files = await bench.build(['--output=type=tar,dest=-']);
  assert.equal([...(await readTar(files.stdoutBytes)).keys()], ['x']);
  const layout = await bench.build(['--output=type=oci,dest=-']);
  assert.ok((await readTar(layout.stdoutBytes)).has('index.json'));
});

test('--iidfile, --metadata-file and --quiet say what was built', async () => {
  if (!requireWorkbench()) return;
  await using bench = await simple();
  await bench.build([
    '-t',
    'a:1',
    `--iidfile=${bench.file('id')}`,
    `--metadata-file=${bench.file('meta.json')}`,
  ]);
  const id = await readFile(bench.file('id'), 'utf8');
  const metadata = JSON.parse(await readFile(bench.file('meta.json'), 'utf8'));
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  assert.match(metadata['containerimage.digest'], /^sha256:[0-9a-f]{64}$/);
  assert.is(metadata['containerimage.config.digest'], id);
  assert.match(metadata['image.name'], /a:1$/);
  const quiet = await bench.slipway(['build', '-q', bench.base.flag, bench.context]);
  assert.is(quiet.stdout.trim(), id);
  assert.is(quiet.stderr, '');
});

test('stdout is empty where nothing was asked for there', async () => {
  if (!requireWorkbench()) return;
  await using bench = await simple();
  assert.is((await bench.build()).stdout, '');
});

test('several outputs of one build are the same image', async () => {
  if (!requireWorkbench()) return;
  await using bench = await simple();
  await bench.build([
    ...['-t', 'a:1', `--output=type=oci,dest=${bench.file('a.tar')}`],
    ...[`--output=type=docker,dest=${bench.file('b.tar')}`, '--output=type=image'],
  ]);
  const oci = await readOciImage(bench.file('a.tar'));
  assert.equal((await readOciImage(bench.file('b.tar'))).config, oci.config);
  assert.ok(existsSync(join(bench.root, 'blobs/sha256', oci.digest.slice(7))));
});

test.run();
