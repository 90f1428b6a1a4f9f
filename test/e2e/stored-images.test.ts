// Images between Slipway's store and other people's tools: what we save they read, what they write we load and run.
import { readFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram, mustRun } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e stored images');

async function withApp(): Promise<Workbench> {
  const bench = await workbench({
    Dockerfile:
      'FROM base\nRUN echo made > /made && chown 7:8 /made\nCOPY Dockerfile /d/\nRUN rm -r /d\nCMD ["cat", "/made"]\n',
  });
  await bench.build(['-t', 'app:1']);
  return bench;
}

async function ok(bench: Workbench, args: readonly string[], input?: Buffer): Promise<string> {
  const result = await bench.slipway(args, input ? { input } : {});
  assert.is(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

const idOf = (bench: Workbench, name: string): Promise<string> =>
  ok(bench, ['inspect', '-f', '{{.Id}}', name]);

test('skopeo and umoci read what is saved, in each format', async () => {
  if (!requireWorkbench()) return;
  await using bench = await withApp();
  const id = (await idOf(bench, 'app:1')).trim();
  await ok(bench, ['save', '-o', 'docker.tar', 'app:1']);
  await ok(bench, ['save', '--format=oci-archive', '-o', 'oci.tar', 'app:1']);
  await ok(bench, ['save', '--format=oci-dir', '-o', 'folder', 'app:1']);
  await ok(bench, ['save', '--format=docker-dir', '-o', 'dir', 'app:1']);
  for (const place of [
    `docker-archive:${bench.file('docker.tar')}:app:1`,
    `oci-archive:${bench.file('oci.tar')}`,
    `oci:${bench.file('folder')}:1`,
    `dir:${bench.file('dir')}`,
  ]) {
    const config = await mustRun(['skopeo', 'inspect', '--config', '--raw', place]);
    const { digestOf } = await import('../../src/oci/digest.ts');
    assert.is(digestOf(config), id, place);
  }
  await mustRun([
    'umoci',
    'unpack',
    ...(process.getuid?.() === 0 ? [] : ['--rootless']),
    '--image',
    `${bench.file('folder')}:1`,
    bench.file('bundle'),
  ]);
  assert.is(await readFile(bench.file('bundle/rootfs/made'), 'utf8'), 'made\n');
  const piped = await bench.slipway(['save', 'app:1']);
  assert.equal(piped.stdoutBytes, await readFile(bench.file('docker.tar')));
});

test('what skopeo writes is loaded, plain and compressed, and runs', async () => {
  if (!requireWorkbench()) return;
  await using bench = await withApp();
  await ok(bench, ['save', '-o', 'app.tar', 'app:1']);
  const from = `docker-archive:${bench.file('app.tar')}:app:1`;
  await mustRun(['skopeo', 'copy', '-q', from, `docker-archive:${bench.file('skopeo.tar')}:copied:2`]);
  await mustRun(['skopeo', 'copy', '-q', from, `oci-archive:${bench.file('skopeo-oci.tar')}:team/copied:3`]);
  const id = await idOf(bench, 'app:1');
  await using other = await workbench();
  for (const [program, suffix] of [
    ['gzip', 'gz'],
    ['zstd', 'zst'],
    ['xz', 'xz'],
    ['bzip2', 'bz2'],
  ] as const) {
    if (!requireFeature(program, findProgram(program) !== undefined)) continue;
    await mustRun([program, '-q', '-k', bench.file('skopeo.tar')]);
    const loaded = await ok(other, ['load'], await readFile(bench.file(`skopeo.tar.${suffix}`)));
    assert.is(loaded, 'Loaded image: copied:2\n');
  }
  assert.is(await idOf(other, 'copied:2'), id);
  assert.is(await ok(other, ['load', '-i', bench.file('skopeo-oci.tar')]), 'Loaded image: team/copied:3\n');
  for (const name of ['copied:2', 'team/copied:3'])
    assert.is(await ok(other, ['run', '--pull=never', name]), 'made\n');
  const saved = await ok(other, ['images', '--format', '{{.Repository}}:{{.Tag}}']);
  assert.equal(saved.trim().split('\n').sort(), ['copied:2', 'team/copied:3']);
});

test('buildah pulls what is saved, and what it pushes is loaded', async () => {
  if (
    !requireWorkbench() ||
    !requireFeature('buildah', findProgram('buildah') !== undefined && process.getuid?.() === 0)
  )
    return;
  await using bench = await withApp();
  await ok(bench, ['save', '-o', 'app.tar', 'app:1']);
  const buildah = (...args: string[]) =>
    mustRun([
      'buildah',
      '--root',
      bench.file('b-root'),
      '--runroot',
      bench.file('b-run'),
      '--storage-driver',
      'vfs',
      ...args,
    ]);
  const pulled = await buildah('pull', '-q', `docker-archive:${bench.file('app.tar')}`);
  const image = pulled.trim().split('\n').at(-1)!;
  assert.is(`sha256:${image}`, (await idOf(bench, 'app:1')).trim());
  await buildah('push', '-q', image, `docker-archive:${bench.file('b-docker.tar')}:pushed:1`);
  await buildah('push', '-q', image, `oci-archive:${bench.file('b-oci.tar')}:pushed/oci:1`);
  await using other = await workbench();
  for (const name of ['b-docker.tar', 'b-oci.tar']) await ok(other, ['load', '-i', bench.file(name)]);
  for (const name of ['pushed:1', 'pushed/oci:1'])
    assert.is(await ok(other, ['run', '--pull=never', name]), 'made\n');
});

test('what is exported is the merged root, and comes in again as one layer', async () => {
  if (!requireWorkbench()) return;
  await using bench = await withApp();
  await ok(bench, ['export', '-o', 'root.tar', 'app:1']);
  const listed = await mustRun(['tar', '-tvf', bench.file('root.tar'), '--numeric-owner']);
  assert.match(listed, / 7\/8 .* made$/m);
  assert.not.match(listed, /Dockerfile|\.wh\./);
  await ok(bench, ['import', '-c', 'CMD ["cat", "/made"]', '-m', 'again', 'root.tar', 'flat:1']);
  assert.is(await ok(bench, ['run', '--pull=never', 'flat:1']), 'made\n');
  assert.is(await ok(bench, ['inspect', '-f', '{{len .RootFS.Layers}} {{.Comment}}', 'flat:1']), '1 again\n');
  await bench.write({ Dockerfile: 'FROM flat:1\nRUN test "$(cat /made)" = made\n' });
  await bench.build(['--offline']);
});

test('memory stays bounded while a large image is saved and loaded', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile:
      'FROM base\nRUN head -c 120000000 /dev/zero > /zeros && head -c 4000000 /dev/urandom > /noise\n',
  });
  await bench.build(['-t', 'large']);
  const limited = { env: { NODE_OPTIONS: '--max-old-space-size=40' } };
  assert.is((await bench.slipway(['save', '-o', 'large.tar', 'large'], limited)).code, 0);
  await using other = await workbench();
  const loaded = await other.slipway(['load', '-i', bench.file('large.tar')], limited);
  assert.is(loaded.stdout, 'Loaded image: large:latest\n', loaded.stderr);
});

test.run();
