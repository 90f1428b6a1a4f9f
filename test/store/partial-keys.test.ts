import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { createPartialKeys } from '../../src/store/partial-keys.ts';
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

test.run();
