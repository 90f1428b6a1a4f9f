// --squash: one layer on the base image, with the files, the config and the cache of the image that has all of them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine } from '../../src/index.ts';
import { readAttestations } from '../support/attestations.ts';
import { type BaseImage, busyboxBase, haveBusybox } from '../support/busybox-base.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type OciImage, readOciImage } from '../support/oci-image.ts';
import { openWithPeers, requirePeers } from '../support/peers.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('build/squash');

interface Built extends OciImage {
  told: string;
  /** Unpacks it with umoci. */
  listing(): Promise<string>;
}

interface Bench extends TempDir {
  base: BaseImage;
  build(tar: string, flags: readonly string[]): Promise<string>;
  image(flags: readonly string[]): Promise<Built>;
}

async function bench(dockerfile: string): Promise<Bench> {
  const dir = await tempDir();
  const base = await busyboxBase(dir.file('base'));
  mkdirSync(dir.file('context'));
  writeFileSync(dir.file('context/a'), 'a');
  writeFileSync(dir.file('context/Dockerfile'), dockerfile);
  let images = 0;
  const made: Bench = {
    ...dir,
    base,
    async build(tar, flags) {
      const session = createTestSession({ cwd: dir.path, env: { PATH: process.env['PATH'] } });
      const output = `--output=type=oci,dest=${tar}`;
      const common = ['--root', dir.file('state'), '--progress=plain', base.flag, output];
      await runBuild([...common, ...flags, dir.file('context')], session, createEngine);
      return session.err.text();
    },
    async image(flags) {
      const name = dir.file(`image-${images++}`);
      const told = await made.build(`${name}.tar`, flags);
      const image = await readOciImage(`${name}.tar`);
      const own = async () => listing(join(await openWithPeers(`${name}.tar`, name), 'rootfs'));
      return { ...image, told, listing: own };
    },
  };
  return made;
}

/** Names, modes, owners, sizes, times, links and attributes of all files; which names are one file. */
function listing(root: string): string {
  const find = ['find', '.', '-mindepth', '1', '-printf', '%p %y %m %U:%G %s %T@ %l\\n'];
  const shell = `cd "$1" && "$0" "\${@:2}" | sort; getfattr -R -h -d -m - . 2>/dev/null; find . -type f -links +1 -printf '%i %p\\n' | sort -k2 | awk '{ if (!($1 in n)) n[$1] = NR; print n[$1], $2 }'`;
  const [first = '', ...rest] = find;
  return execFileSync('bash', ['-c', shell, first, root, ...rest], { encoding: 'utf8' });
}

const steps = `FROM base
COPY a /a
RUN ln /a /b && mkdir -p /d/e && echo one > /d/e/f && mkfifo /d/p && ln -s f /d/e/l
RUN rm -r /d/e /etc/passwd && mkdir /d/e && echo two > /d/e/g && rm /a && echo 3 > /etc/new
RUN chmod 700 /d && touch -d @1000000000 /d/e/g && rm -rf /tmp /etc/new
ENV X=1
`;

test('one layer makes the same files; the base image and the steps stay what they are', async () => {
  if (!requireFeature('busybox-static', haveBusybox) || !requirePeers()) return;
  await using dir = await bench(steps);
  const plain = await dir.image([]);
  const squashed = await dir.image(['--squash']);
  assert.match(squashed.told, /4 steps, 4 from the cache, 0 ran/);
  const bases = plain.manifest.layers.length - 4;
  assert.is(squashed.manifest.layers.length, bases + 1);
  assert.equal(squashed.manifest.layers.slice(0, bases), plain.manifest.layers.slice(0, bases));
  assert.equal(squashed.config.config, plain.config.config);
  const files = await plain.listing();
  assert.is(await squashed.listing(), files);

  const all = await dir.image(['--squash-all']);
  assert.is(all.manifest.layers.length, 1);
  assert.is(all.config.history.filter((entry) => !entry.empty_layer).length, 1);
  assert.is(await all.listing(), files);
  assert.not.match([...all.layers[0]!.keys()].join('\n'), /\.wh\./);

  const again = await dir.image(['--single-snapshot']);
  assert.is(again.manifest.layers.at(-1)?.digest, squashed.manifest.layers.at(-1)?.digest);
  assert.is(again.config.rootfs.diff_ids.length, bases + 1);
});

test('the history tells all steps, without layers, and the merge', async () => {
  if (!requireFeature('busybox-static', haveBusybox) || !requirePeers()) return;
  await using dir = await bench('FROM base\nCOPY a /a\nENV X=1\nCOPY a /b\n');
  const plain = await dir.image(['--iidfile=id']);
  const id = readFileSync(dir.file('id'), 'utf8');
  const { history = [] } = (await dir.image(['--squash'])).config;
  const before = plain.config.history ?? [];
  const bases = before.length - 3;
  assert.equal(history.slice(0, bases), before.slice(0, bases));
  assert.equal(
    history.slice(bases, -1),
    before.slice(bases).map((entry) => ({ ...entry, empty_layer: true })),
  );
  assert.equal(history.at(-1), { created: plain.config.created, comment: `merge ${id}` });
});

test('a build that adds one layer has nothing to squash', async () => {
  if (!requireFeature('busybox-static', haveBusybox) || !requirePeers()) return;
  await using dir = await bench('FROM base\nCOPY a /a\n');
  const plain = await dir.image([]);
  assert.equal((await dir.image(['--squash'])).config, plain.config);
});

test('provenance says which step the one layer is of', async () => {
  if (!requireFeature('busybox-static', haveBusybox) || !requirePeers()) return;
  await using dir = await bench('FROM base\nCOPY a /a\nCOPY a /b\nCOPY a /c\n');
  await dir.build(dir.file('image.tar'), ['--squash', '--provenance=mode=max']);
  const { attestations } = await readAttestations(dir.file('image.tar'));
  const { buildkit_metadata: metadata } = (
    attestations[0]!.statements[0]!.predicate['runDetails'] as {
      metadata: { buildkit_metadata: { layers: Record<string, unknown[][]> } };
    }
  ).metadata;
  // The base image's own, and the last step's on top of it.
  assert.equal(
    Object.values(metadata.layers)
      .map(([layers]) => (layers as unknown[]).length)
      .sort(),
    [1, 2],
  );
});

test('both ways at once are a contradiction', async () => {
  await using dir = await tempDir();
  const session = createTestSession({ cwd: dir.path });
  await rejects(
    runBuild(['--squash', '--squash-all', '.'], session, createEngine),
    'ERR_USAGE',
    /keeps the base/,
  );
});

test.run();
