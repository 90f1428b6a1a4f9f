// What of the store proves damaged while a build reads it: the same build says so, and makes what a sound store would have made.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { requireFeature } from '../support/require-feature.ts';
import type { CommandResult } from '../support/run-command.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e healing');
type Kind = 'overlay' | 'auto' | 'copy';

let bench: Workbench;
let names = 0;
/** By snapshotter: a state folder in which the image was built. */
const states = new Map<Kind, string>();
/** Of the image with the further lines. */
let wanted: string;

const lines = [
  'FROM base AS made',
  'COPY big /big',
  'RUN wc -c < /big > /size; head -c 1200000 /big > /half',
  'FROM base',
  'COPY --from=made /size /half /made/',
  'RUN echo last > /last',
];
/** They need the files of every layer. */
const more = ['COPY --from=made /big /again', 'RUN cat /made/* /last /again | wc -c > /all'];

const flags = ['--build-arg=SOURCE_DATE_EPOCH=0', '-t', 'app'];
const image = '--output=type=image,rewrite-timestamp=true';

async function build(root: string, own: readonly string[] = []): Promise<{ id: string } & CommandResult> {
  const iid = bench.file(`id-${names++}`);
  const result = await bench.build([...flags, image, ...own, `--iidfile=${iid}`], { root });
  return { ...result, id: readFileSync(iid, 'utf8') };
}

async function copyOf(kind: Kind): Promise<string> {
  let from = states.get(kind);
  if (from === undefined) {
    from = bench.file(`state-${kind}`);
    await bench.write({ Dockerfile: lines.join('\n') });
    await build(from, [`--snapshotter=${kind}`]);
    states.set(kind, from);
  }
  await bench.write({ Dockerfile: [...lines, ...more].join('\n') });
  const root = bench.file(`copy-${names++}`);
  execFileSync('cp', ['-a', from, root]);
  return root;
}

function flip(path: string, at = Math.floor(statSync(path).size / 2)): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 0x20;
  writeFileSync(path, bytes);
}

const flipHead = (path: string): void => flip(path, 3);
const cut = (path: string): void => truncateSync(path, Math.floor(statSync(path).size / 2));
const remove = (path: string): void => rmSync(path, { recursive: true });

function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

const isDocument = (path: string): boolean => readFileSync(path).subarray(0, 1).toString() === '{';
const blobs = (root: string): string[] => files(join(root, 'blobs/sha256'));
const layerBlobs = (root: string): string[] => blobs(root).filter((path) => !isDocument(path));
const withoutSnapshots = (root: string): string => {
  rmSync(join(root, 'snapshots-v2'), { recursive: true });
  return root;
};
const layerFolders = (root: string): string[] =>
  files(join(root, 'snapshots-v2')).flatMap((kind) =>
    files(join(kind, 'chains')).map((file) =>
      join(kind, 'l', String(/"dir":(\d+)/.exec(readFileSync(file, 'utf8'))?.[1])),
    ),
  );

const warnings = ({ stderr }: CommandResult): string[] =>
  stderr.split('\n').filter((line) => /damaged|missing in the store/.test(line));

/** Builds with the further lines; the warnings. */
async function heals(kind: Kind, root: string): Promise<string[]> {
  const healed = await build(root, [`--snapshotter=${kind}`]);
  wanted ??= (await build(bench.file('fresh'))).id;
  assert.is(healed.id, wanted, healed.stderr);
  const again = await build(root, [`--snapshotter=${kind}`]);
  assert.is(again.id, wanted);
  assert.equal(warnings(again), [], 'it is healed for good');
  rmSync(root, { recursive: true });
  return warnings(healed);
}

function hasLine(told: readonly string[], pattern: RegExp): void {
  assert.is(told.filter((line) => pattern.test(line)).length, 1, `${pattern} in\n${told.join('\n')}`);
}

test.before(async () => {
  if (!requireWorkbench()) return;
  bench = await workbench({ big: 'some text\n'.repeat(130_000) });
});
test.after(async () => bench?.[Symbol.asyncDispose]());

const damages: [kind: Kind, what: string, damage: (path: string) => void][] = [
  ['auto', 'a changed byte', flip],
  ['auto', 'a changed byte at the start', flipHead],
  ['auto', 'half of the file', cut],
  ['auto', 'no file', remove],
  ['overlay', 'a changed byte at the start', flipHead],
  ['copy', 'a changed byte', flip],
];
for (const [kind, what, damage] of damages) {
  test(`${kind}: ${what} in place of each stored layer, where they have to be read`, async () => {
    if (!bench) return;
    const root = withoutSnapshots(await copyOf(kind));
    for (const path of layerBlobs(root)) damage(path);
    const told = await heals(kind, root);
    // What is not there is a miss, and needs no word.
    if (damage === remove) return assert.equal(told, []);
    for (const step of [
      '\\[made 2/3\\] COPY big /big',
      '\\[made 3/3\\] RUN wc .*',
      '\\[stage-1 3/5\\] RUN echo last > /last',
    ])
      hasLine(told, new RegExp(`a layer of ${step} was damaged in the store \\(sha256:[0-9a-f]{64}\\)`));
    assert.ok(told.some((line) => /a layer of \S+base:latest was damaged/.test(line)));
  });
}

test('layers that are mounted and were cut short are made anew', async () => {
  if (!bench) return;
  const root = await copyOf('auto');
  for (const path of layerBlobs(root)) cut(path);
  assert.ok((await heals('auto', root)).length > 0);
});

for (const kind of ['overlay', 'auto', 'copy'] as const) {
  test(`${kind}: folders of layers that are gone are made anew, and their numbers are not others'`, async () => {
    if (!bench) return;
    const root = await copyOf(kind);
    for (const path of layerFolders(root)) remove(path);
    hasLine(await heals(kind, root), /the files of a layer of \[made 3\/3\] RUN .* were damaged/);
  });
}

for (const damage of [flip, cut, remove]) {
  test(`an index of a mounted layer: ${damage.name}`, async () => {
    if (!bench) return;
    const root = await copyOf('auto');
    const indexes = layerFolders(root)
      .map((folder) => join(folder, 'index.erofs'))
      .filter((path) => existsSync(path));
    if (!requireFeature('mounts of EROFS', indexes.length > 0)) return;
    for (const path of indexes) damage(path);
    const told = await heals('auto', root);
    assert.ok(
      told.some((line) => /the files of a layer of .* were damaged/.test(line)),
      told.join('\n'),
    );
  });
}

test('records that are damaged are misses, and it is said of which steps', async () => {
  if (!bench) return;
  const root = await copyOf('auto');
  for (const path of files(join(root, 'cache-v2'))) flip(path);
  hasLine(
    await heals('auto', root),
    /the record of \[stage-1 3\/5\] RUN echo last > \/last was damaged: the step was run again/,
  );
});

test('everything at once: documents, layers and records', async () => {
  if (!bench) return;
  const root = await copyOf('auto');
  for (const folder of ['blobs/sha256', 'cache-v2', 'layers-v1']) files(join(root, folder)).forEach(cut);
  await heals('auto', root);
});

test('an archive of an image whose compressed layers are damaged is whole', async () => {
  if (!bench) return;
  const root = await copyOf('auto');
  const before = bench.file('before.tar');
  const after = bench.file('after.tar');
  const to = (dest: string): string[] => [`--output=type=oci,dest=${dest},rewrite-timestamp=true`];
  await bench.build([...flags, ...to(before)], { root });
  for (const path of layerBlobs(root)) flip(path);
  const healed = await bench.build([...flags, ...to(after)], { root });
  assert.ok(warnings(healed).length > 0);
  assert.ok(readFileSync(before).equals(readFileSync(after)));
});

test('a base and an image to push, both of a registry', async () => {
  if (!bench || !requireFeature('docker-registry', hasDockerRegistry())) return;
  const registry = await startDockerRegistry();
  try {
    const root = bench.file('registry-state');
    await bench.write({ Dockerfile: 'FROM base\nLABEL a=b\n' });
    await bench.build(['-t', `${registry.host}/base:1`, '--push'], { root: bench.file('maker') });
    await bench.write({ Dockerfile: `FROM ${registry.host}/base:1\nRUN echo 1 > /one\n` });
    const tag = (name: string): string[] => ['-t', `${registry.host}/${name}`];
    await build(root, tag('app:1'));
    for (const path of layerBlobs(withoutSnapshots(root))) flip(path);
    for (const path of blobs(root).filter(isDocument)) flip(path);
    const iid = bench.file('pushed');
    const pushed = await bench.build(
      [...tag('other:1'), '--push', '--build-arg=SOURCE_DATE_EPOCH=0', `--iidfile=${iid}`],
      { root },
    );
    assert.ok(warnings(pushed).length > 0, pushed.stderr);
    await bench.write({
      Dockerfile: `FROM ${registry.host}/base:1\nRUN echo 1 > /one\nRUN cat /one > /two\n`,
    });
    for (const path of layerBlobs(withoutSnapshots(root))) flip(path);
    const built = await build(root, tag('app:2'));
    const layer = new RegExp(`a layer of ${registry.host}/base:1 was damaged in the store`);
    assert.ok(
      warnings(built).some((line) => layer.test(line)),
      built.stderr,
    );
    assert.is(built.id, (await build(bench.file('registry-fresh'), tag('app:2'))).id);
  } finally {
    await registry.stop();
  }
});

test.run();
