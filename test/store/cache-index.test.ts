import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DiffID, type Digest, digestOf, hexOf } from '../../src/oci/digest.ts';
import type { CacheRecord } from '../../src/seams.ts';
import { createCacheIndex } from '../../src/store/cache-index.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-cache-'));
let count = 0;
const newRoot = () => join(folder, String(++count));
const fileOf = (root: string, key: Digest) => join(root, 'cache-v2', `${hexOf(key)}.json`);

const key = digestOf('key');
const sample = (description: string): CacheRecord => ({
  content: digestOf('content'),
  diffID: digestOf('tar') as string as DiffID,
  size: 10_240,
  created: '2026-01-02T03:04:05Z',
  seconds: 0.25,
  description,
  tree: { command: 'make\n"all"', env: { 7: 'seven', PATH: 'sha256:…' }, files: {} },
});

const test = suite('cache index');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a record is found by its key, with its tree; another key has none', async () => {
  const root = newRoot();
  const record = sample('RUN make');
  assert.is(await createCacheIndex(root).lookup(key), undefined);
  assert.equal(await createCacheIndex(root).record(key, record), record);
  const found = await createCacheIndex(root).lookup(key);
  assert.equal({ ...found }, record);
  assert.is(found?.tree, found?.tree);
  assert.is(await createCacheIndex(root).lookup(digestOf('other')), undefined);
  assert.equal(readdirSync(join(root, 'tmp')), []);
});

test('the first writer wins, unless a record is to be replaced', async () => {
  const index = createCacheIndex(newRoot());
  await index.record(key, sample('first'));
  assert.is((await index.record(key, sample('second'))).description, 'first');
  assert.is((await index.record(key, sample('third'), { replace: true })).description, 'third');
  assert.is((await index.lookup(key))?.description, 'third');
});

test('of many writers at once, all are told the same record', async () => {
  const root = newRoot();
  const names = ['a', 'b', 'c', 'd', 'e'];
  const kept = await Promise.all(names.map((name) => createCacheIndex(root).record(key, sample(name))));
  assert.is(new Set(kept.map((record) => record.description)).size, 1);
  assert.equal(readdirSync(join(root, 'tmp')), []);
});

test('a torn, changed, empty or foreign record is absent, and written anew', async () => {
  const root = newRoot();
  const index = createCacheIndex(root);
  await index.record(key, sample('whole'));
  const file = fileOf(root, key);
  const text = readFileSync(file, 'utf8');
  const damaged = [
    text.slice(0, -1),
    text.slice(0, 40),
    '',
    'no record\n',
    text.replace('whole', 'whale'),
    `${text}{}\n`,
    '\0'.repeat(text.length),
  ];
  for (const content of damaged) {
    writeFileSync(file, content);
    assert.is(await index.lookup(key), undefined);
    await index.record(key, sample('anew'));
    assert.is((await index.lookup(key))?.description, 'anew');
  }
  await truncate(file, 100);
  assert.is(await index.lookup(key), undefined);
});

test("another key's record under this key's name is absent", async () => {
  const root = newRoot();
  const index = createCacheIndex(root);
  const other = digestOf('other');
  await index.record(other, sample('other'));
  mkdirSync(dirname(fileOf(root, key)), { recursive: true });
  await copyFile(fileOf(root, other), fileOf(root, key));
  assert.is(await index.lookup(key), undefined);
});

test('exclusive work under one name takes turns, under two names it does not wait', async () => {
  const root = newRoot();
  const { signal } = new AbortController();
  const order: string[] = [];
  let meet!: () => void;
  const met = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const work = (name: string, wait?: Promise<void>) =>
    createCacheIndex(root).exclusive(name, signal, async () => {
      order.push(`in ${name}`);
      await wait;
      order.push(`out ${name}`);
    });
  await Promise.all([work('a/..', met), work('a/..'), work('b').then(meet)]);
  assert.equal(
    order.filter((line) => line.endsWith('a/..')),
    ['in a/..', 'out a/..', 'in a/..', 'out a/..'],
  );
  assert.equal(readdirSync(join(root, 'locks')), []);
});

test.run();
