import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownIdentity } from '../../src/fs/process-identity.ts';
import { type ChainID, type DiffID, digestOf, hexOf } from '../../src/oci/digest.ts';
import { blockOf, createChainStore } from '../../src/snapshot/chain-store.ts';
import { sweep } from '../../src/snapshot/sweep.ts';

const test = suite('sweep');
const root = mkdtempSync(join(tmpdir(), 'sweep-'));
const { signal } = new AbortController();
const id = digestOf('layer') as string as ChainID;
const diffID = digestOf('layer') as string as DiffID;
let made = 0;

test.after(() => rmSync(root, { recursive: true, force: true }));

function newStore() {
  const directory = join(root, String(made++));
  const store = createChainStore(directory);
  store.open();
  /** As if the process that owns a number had died. */
  const kill = ({ number }: { number: number }): void => {
    writeFileSync(
      join(directory, 'active', String(blockOf(number)), 'owner'),
      JSON.stringify({ ...ownIdentity(), start: '1' }),
    );
  };
  return { directory, store, kill };
}

test('what a living process works on stays', async () => {
  const { directory, store } = newStore();
  const working = store.begin();
  assert.is(await sweep(directory, signal), 0);
  assert.ok(existsSync(working.upper));
});

test('what a dead process worked on goes', async () => {
  const { directory, store, kill } = newStore();
  const working = store.begin();
  mkdirSync(join(working.work, 'work'), { mode: 0 });
  kill(working);
  assert.is(await sweep(directory, signal), 2);
  assert.not.ok(existsSync(working.upper));
  assert.equal(readdirSync(join(directory, 'active')), []);
  assert.equal(readdirSync(join(directory, 'trash')), []);
});

test('a layer that was moved in place and not recorded goes, a recorded one stays', async () => {
  const { directory, store, kill } = newStore();
  const kept = store.keep(store.begin(), id, { diffID, opaque: [] });
  const working = store.begin();
  kill(working);
  await sweep(directory, signal);
  assert.not.ok(existsSync(store.layerPath(working.number)));
  assert.ok(existsSync(store.layerPath(kept.dir)));
  assert.equal(readdirSync(join(directory, 'active')), []);
  assert.equal(createChainStore(directory).lookup(id), kept);
});

test('what nobody finished making goes when it is old', async () => {
  const { directory } = newStore();
  for (const name of ['new', 'old']) writeFileSync(join(directory, 'tmp', name), '');
  utimesSync(join(directory, 'tmp', 'old'), 1000, 1000);
  await sweep(directory, signal);
  assert.equal(readdirSync(join(directory, 'tmp')), ['new']);
});

test('a directory that does not exist is clean', async () => {
  assert.is(await sweep(join(root, 'none'), signal), 0);
});

test('what a dead process worked on goes, and what another has begun stays', async () => {
  const { directory, store, kill } = newStore();
  const other = createChainStore(directory);
  const [lost, kept] = [store.begin(), other.begin()];
  kill(lost);
  await sweep(directory, signal);
  assert.equal(
    [lost, kept].map(({ upper, work }) => existsSync(upper) || existsSync(work)),
    [false, true],
  );
  assert.ok(existsSync(createChainStore(directory).begin().upper));
});

test('numbers are never given twice, by however many at once', () => {
  const { directory } = newStore();
  const stores = [1, 2, 3].map(() => createChainStore(directory));
  for (const store of stores) store.open();
  const numbers = Array.from({ length: 150 }, () => stores.map((store) => store.begin().number)).flat();
  assert.is(new Set(numbers).size, 450);
  for (const store of stores) store.release();
  assert.not.ok(numbers.includes(createChainStore(directory).begin().number));
});

test('numbers are never given twice', () => {
  const { directory, store } = newStore();
  const other = createChainStore(directory);
  other.open();
  const numbers = [store, other, store, other].map((one) => one.begin().number);
  assert.is(new Set(numbers).size, 4);
  const working = store.begin();
  store.keep(working, id, { diffID, opaque: [] });
  assert.not.ok([other, createChainStore(directory)].some((one) => one.begin().number === working.number));
});

test('the first to record a chain wins', () => {
  const { directory, store } = newStore();
  const other = createChainStore(directory);
  const first = store.keep(store.begin(), id, { diffID, opaque: ['/a'] });
  const working = other.begin();
  assert.equal(other.keep(working, id, { diffID, opaque: [] }), first);
  assert.not.ok(existsSync(other.layerPath(working.number)));
});

test('a torn record is none, and is replaced', () => {
  const { directory, store } = newStore();
  for (const text of ['', '{', '{"dir":0}', '{"dir":"../../etc","diffID":"x","opaque":[]}', 'null']) {
    writeFileSync(join(directory, 'chains', `${hexOf(id)}.json`), text);
    const fresh = createChainStore(directory);
    assert.is(fresh.lookup(id), undefined);
    const kept = fresh.keep(store.begin(), id, { diffID, opaque: [] });
    assert.equal(createChainStore(directory).lookup(id), kept);
  }
});

test('what others lie on is discarded when they are done, not before', () => {
  const { directory, store } = newStore();
  store.keep(store.begin(), id, { diffID, opaque: [] });
  const working = store.begin();
  store.keep(working, id, { diffID, opaque: [] }, { drop: store.discardLater });
  assert.ok(existsSync(working.upper));
  assert.equal(readdirSync(join(directory, 'active')), [String(blockOf(working.number))]);
  store.release();
  assert.not.ok(existsSync(working.upper));
  assert.equal(readdirSync(join(directory, 'active')), []);
});

test.run();
