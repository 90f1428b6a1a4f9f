// Layers that are compressed while they are packed: what an output wants, and nothing else.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as zlib from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { readOciImage } from '../support/oci-image.ts';
import { createRandom } from '../support/random.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram } from '../support/run-command.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const hasZstd = 'zstdCompress' in zlib || findProgram('zstd') !== undefined;

const test = suite('build/early-layers');

const dockerfile = `FROM scratch AS tools
COPY tool /tool
FROM scratch
COPY --from=tools /tool /bin/tool
COPY big /big
WORKDIR /work
`;

async function context(): Promise<TempDir> {
  const dir = await tempDir();
  mkdirSync(dir.file('context'));
  const random = createRandom(5);
  writeFileSync(
    dir.file('context/tool'),
    Buffer.from(Array.from({ length: 50_000 }, () => random.number(9))),
  );
  writeFileSync(dir.file('context/big'), Buffer.alloc(2_500_000, 'some text '));
  writeFileSync(dir.file('context/Dockerfile'), dockerfile);
  return dir;
}

function build(dir: TempDir, root: string, flags: readonly string[]): Promise<unknown> {
  const session = createTestSession({ cwd: dir.path, env: { PATH: process.env['PATH'] } });
  return runBuild(
    ['--root', dir.file(root), '--progress=plain', ...flags, dir.file('context')],
    session,
    createEngine,
  );
}

/** The stored forms of layers, by diffID. */
function forms(dir: TempDir, root: string): Map<string, { blobs: { digest: string }[]; made?: object }> {
  const folder = dir.file(`${root}/layers-v1`);
  if (!existsSync(folder)) return new Map();
  const read = readdirSync(folder).map((name) => {
    const [, line] = readFileSync(`${folder}/${name}`, 'utf8').split('\n');
    return JSON.parse(line!);
  });
  return new Map(read.map((one) => [one.diffID as string, one]));
}

for (const compression of ['gzip', 'zstd']) {
  test(`${compression}: an image is the same whether its layers were compressed early or late`, async () => {
    if (compression === 'zstd' && !requireFeature('zstd', hasZstd)) return;
    await using dir = await context();
    const output = (name: string): string =>
      `--output=type=oci,compression=${compression},dest=${dir.file(name)}`;
    await build(dir, 'early', [output('early.tar')]);
    await build(dir, 'late', ['--output=type=cacheonly']);
    assert.is(forms(dir, 'late').size, 0);
    await build(dir, 'late', [output('late.tar')]);
    const early = await readOciImage(dir.file('early.tar'));
    const late = await readOciImage(dir.file('late.tar'));
    // Directories that were made have the time of their making.
    assert.equal(early.manifest.layers[1], late.manifest.layers[1]);
    assert.match(early.manifest.layers[1]!.mediaType, `+${compression}`);
    assert.is(early.manifest.layers.length, late.manifest.layers.length);
  });
}

test('only layers of the image are compressed, and only in the form that it wants', async () => {
  if (!requireFeature('two cores', availableParallelism() > 1)) return;
  await using dir = await context();
  await build(dir, 'state', [`--output=type=oci,compression-level=2,dest=${dir.file('image.tar')}`]);
  const known = forms(dir, 'state');
  const { config } = await readOciImage(dir.file('image.tar'));
  assert.equal([...known.keys()].sort(), [...config.rootfs.diff_ids].sort());
  for (const { blobs, made } of known.values()) assert.equal(made, { 'gzip 2': blobs[0]!.digest });
});

for (const [what, flags] of [
  ['uncompressed layers', ['--output=type=oci,compression=uncompressed,dest=-']],
  ['the cache alone', ['--output=type=cacheonly']],
  ['files', ['--output=type=local,dest=out']],
] as const) {
  test(`${what}: nothing is compressed with gzip`, async () => {
    await using dir = await context();
    await build(
      dir,
      'state',
      flags.map((flag) => flag.replace('=-', `=${dir.file('out')}`)),
    );
    for (const { made } of forms(dir, 'state').values())
      assert.not.ok(Object.keys(made ?? {}).some((form) => form.startsWith('gzip')));
  });
}

test('a build that fails leaves nothing that was begun', async () => {
  await using dir = await context();
  writeFileSync(dir.file('context/Dockerfile'), `${dockerfile}COPY missing /\n`);
  const failed = await build(dir, 'state', [`--output=type=oci,dest=${dir.file('image.tar')}`]).then(
    () => false,
    () => true,
  );
  assert.ok(failed);
  assert.equal(readdirSync(dir.file('state/tmp')), []);
});

test.run();
