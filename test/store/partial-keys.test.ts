import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { createPartialKeys, shrinkPartialKeys } from '../../src/store/partial-keys.ts';
import { createStoreRoot } from '../../src/store/store-root.ts';

const test = suite('partial keys');
const root = mkdtempSync(join(tmpdir(), 'partial-keys-'));
let made = 0;
const newRoot = () => createStoreRoot(join(root, String(made++)));
const keys = Array.from({ length: 100 }, (_, index) => digestOf(`key ${index}`));

test.after(() => rmSync(root, { recursive: true, force: true }));

test('what one has added another sees, also what comes later', async () => {
  const layout = newRoot();
  const [one, two] = [createPartialKeys(layout), createPartialKeys(layout)];
  for (const key of keys) {
    assert.is(await two.has(key), false);
    await one.add([key]);
    assert.is(await two.has(key), true);
  }
});

test('a key is kept once, whoever adds it', async () => {
  const layout = newRoot();
  await createPartialKeys(layout).add(keys);
  await createPartialKeys(layout).add(keys);
  assert.is(statSync(layout.partialKeys).size, keys.length * 8);
});

test('a torn end loses what was torn, and nothing that is added after it', async () => {
  const layout = newRoot();
  await createPartialKeys(layout).add(keys.slice(0, 2));
  truncateSync(layout.partialKeys, 11);
  const after = createPartialKeys(layout);
  assert.equal([await after.has(keys[0]!), await after.has(keys[1]!)], [true, false]);
  await after.add([keys[2]!]);
  assert.is(await createPartialKeys(layout).has(keys[2]!), true);
});

test('far more than there are records are cut off, the oldest first, also for who has read them', async () => {
  const layout = newRoot();
  const many = Array.from({ length: 3000 }, (_, index) => digestOf(`many ${index}`));
  const reader = createPartialKeys(layout);
  await createPartialKeys(layout).add(many);
  assert.is(await reader.has(many[0]!), true);
  mkdirSync(layout.cache, { recursive: true });
  for (let count = 0; count < 600; count++) writeFileSync(join(layout.cache, `${count}.json`), '');
  await shrinkPartialKeys(layout);
  assert.is(statSync(layout.partialKeys).size, 1200 * 8);
  assert.equal(await Promise.all([0, 1799, 1800, 2999].map((index) => reader.has(many[index]!))), [
    false,
    false,
    true,
    true,
  ]);
  await createPartialKeys(layout).add(keys.slice(0, 1));
  assert.is(await reader.has(keys[0]!), true);
  for (let count = 0; count < 600; count++) rmSync(join(layout.cache, `${count}.json`));
  await shrinkPartialKeys(layout);
  await shrinkPartialKeys(layout);
  assert.is(statSync(layout.partialKeys).size, 1024 * 8);
});

test.run();
