// Damage of each kind to a state folder: it is found, told, mended, and the next build makes what it made before.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine.ts';
import { ownIdentity } from '../../src/fs/process-identity.ts';
import type { StoreReport } from '../../src/image-request.ts';
import { deadName } from '../support/dead-name.ts';
import { createRandom } from '../support/random.ts';
import { mustRun } from '../support/run-command.ts';
import { damages } from '../support/store-damage.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('e2e check of the store');
let bench: Workbench;
let imageID: string;
let copies = 0;

const dockerfile = [
  'FROM base AS made',
  'COPY big /big',
  'RUN --mount=type=cache,target=/cache wc -c < /big > /size; mkdir /many; for i in 1 2 3; do echo $i > /many/$i; done',
  'FROM base',
  'COPY --from=made /size /many /made/',
  'RUN rm /bin/tail; echo last > /last',
].join('\n');

const flags = [
  '-t',
  'app:1',
  '--build-arg=SOURCE_DATE_EPOCH=0',
  '--output=type=image,rewrite-timestamp=true',
];

async function check(root: string, options: Partial<{ quick: boolean; repair: boolean }> = {}) {
  const engine = createEngine({ root, isolation: 'auto', snapshotter: 'auto', parallelism: 1, env: {} });
  const { signal } = new AbortController();
  return engine.images.check({ quick: false, repair: false, ...options }, { signal });
}

const told = ({ findings }: StoreReport): string =>
  findings.map(({ part, kind, path, what }) => `${kind} of ${part}: ${path} ${what}`).join('\n');

async function build(root: string): Promise<string> {
  const iid = bench.file('image-id');
  await bench.build([`--iidfile=${iid}`, ...flags], { root });
  return readFileSync(iid, 'utf8');
}

/** Of what a good build has left. */
async function copyOfState(): Promise<string> {
  const root = bench.file(`copy-${copies++}`);
  await mustRun(['cp', '-a', bench.root, root]);
  return root;
}

test.before(async () => {
  if (!requireWorkbench()) return;
  bench = await workbench({ Dockerfile: dockerfile, big: 'some text\n'.repeat(200_000) });
  imageID = await build(bench.root);
});
test.after(async () => bench?.[Symbol.asyncDispose]());

test('what a good build leaves is sound, to the last file', async () => {
  if (!bench) return;
  const report = await check(bench.root);
  assert.is(told(report), '');
  assert.ok(report.sound);
  const counts = Object.fromEntries(report.checked.map(({ part, count }) => [part, count]));
  for (const part of [
    'blobs',
    'images',
    'layers',
    'records',
    'builds',
    'snapshots',
    'contexts',
    'cache mounts',
  ])
    assert.ok((counts[part] ?? 0) > 0, `nothing of ${part} was looked at`);
  assert.ok((report.checked.find(({ part }) => part === 'blobs')?.bytes ?? 0) > 2_000_000);
});

test('a folder that is not there, or is empty, is sound', async () => {
  if (!bench) return;
  assert.ok((await check(bench.file('nowhere'))).sound);
  mkdirSync(bench.file('empty'));
  assert.ok((await check(bench.file('empty'))).sound);
  assert.equal(readdirSync(bench.file('empty')), []);
});

for (const [at, { what, part, do: damage }] of damages.entries()) {
  if (!part) continue;
  test(`${what} is found, and mended`, async () => {
    if (!bench) return;
    const root = await copyOfState();
    const path = damage(root, createRandom(at));
    if (path === undefined) return;
    const before = await check(root);
    const found = before.findings.filter((one) => one.part === part);
    assert.ok(found.length > 0, `${path} is not among: ${told(before)}`);
    const after = await check(root, { repair: true });
    for (const { part: other, what: why, repaired } of after.findings)
      assert.ok(repaired || other === 'images', `${other}: ${why}`);
    // An image that lacks a layer is for who builds or pulls it.
    assert.match(told(await check(root)), /^(?:damage of images: .* lacks the layer .*)?$/);
    await rm(root, { recursive: true });
  });
}

test('the next build makes good what a repair has dropped', async () => {
  if (!bench) return;
  const root = await copyOfState();
  for (const [at, { do: damage }] of damages.entries()) damage(root, createRandom(at + 100));
  await check(root, { repair: true });
  assert.is(await build(root), imageID);
  assert.ok((await check(root)).sound, told(await check(root)));
});

test('a quick check reads no content, and sees what has another size', async () => {
  if (!bench) return;
  const root = await copyOfState();
  const folder = join(root, 'blobs/sha256');
  const largest = readdirSync(folder)
    .map((name) => join(folder, name))
    .sort((a, b) => readFileSync(b).length - readFileSync(a).length)[0]!;
  const bytes = readFileSync(largest);
  bytes[5]! ^= 1;
  writeFileSync(largest, bytes);
  const quick = await check(root, { quick: true });
  assert.ok(quick.sound, told(quick));
  assert.is(quick.checked.find(({ part }) => part === 'blobs')?.bytes, undefined);
  writeFileSync(largest, bytes.subarray(1));
  assert.not.ok((await check(root, { quick: true })).sound);
});

test('what the dead have left is told, does not make a store unsound, and goes with a repair or the next build', async () => {
  if (!bench) return;
  const dead = JSON.stringify({ ...ownIdentity(), start: '1', since: 5 });
  const leave = (root: string): void => {
    const put = (path: string, text: string): void => {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    put(`tmp/${deadName('blob')}`, 'half');
    put(`tmp/${deadName('steps')}/0/file`, 'half');
    put(`leases-v1/${deadName('lease')}`, dead);
    put(`locks/${'a'.repeat(64)}`, dead);
    put('locks/images', dead);
    put('snapshots-v2/overlay/active/900/owner', dead);
    put('snapshots-v2/overlay/l/57601/file', 'half');
    put('snapshots-v2/overlay/trash/old/file', 'gone');
    put('cache-v2/'.concat('b'.repeat(64), '.json'), '');
    renameSync(join(root, 'index.json'), join(root, 'index.old'));
    put(
      'index.json',
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    );
  };
  const mended = await copyOfState();
  leave(mended);
  const report = await check(mended);
  assert.ok(report.sound, told(report));
  assert.equal([...new Set(report.findings.map(({ kind }) => kind))], ['leftover']);
  assert.ok(report.findings.length >= 9, told(report));
  assert.ok((await check(mended, { repair: true })).findings.every(({ repaired }) => repaired));
  assert.is(told(await check(mended)), '');
  const built = await copyOfState();
  leave(built);
  assert.is(await build(built), imageID);
  // An unfinished record is in nobody's way, and is written anew by who has its key.
  assert.match(told(await check(built)), /^leftover of records: cache-v2\/b+\.json was never finished$/);
});

test('a store of another version is an error', async () => {
  if (!bench) return;
  const root = await copyOfState();
  writeFileSync(join(root, 'store.json'), '{"version":7}');
  await check(root).then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /has format 7; this program knows format 1/),
  );
});

test.run();
