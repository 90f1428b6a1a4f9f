// Files that another version of the program wrote: with more in them they are used, of another kind they are absent, and nothing fails.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import { createCacheIndex } from '../../src/store/cache-index.ts';
import { encodeChecked } from '../../src/store/checked-file.ts';
import { createLayerIndex } from '../../src/store/layer-index.ts';
import { createResolutionIndex } from '../../src/store/resolution-index.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('files of other versions');
const top = mkdtempSync(join(tmpdir(), 'other-versions-'));
let made = 0;
const newRoot = () => join(top, String(made++));
const call = { signal: new AbortController().signal, onEvent: () => {} };
const key = digestOf('key');
const diffID = digestOf('layer') as string as DiffID;
const platform = { os: 'linux', architecture: 'amd64' };
const record = {
  ...{ content: digestOf('content'), diffID, size: 5, created: '2020-01-01T00:00:00.000Z' },
  ...{ seconds: 1, description: 'RUN make', tree: { type: 'exec' } },
};
const descriptor = { mediaType: 'any', digest: digestOf('manifest'), size: 3 };
/** In place of what each field holds. */
const foreign = [undefined, null, 7, 'text', [], {}];

test.after(() => rmSync(top, { recursive: true, force: true }));

/** The only file of a folder is written anew, valid by its sum. */
function rewrite(folder: string, change: (values: Record<string, unknown>[]) => unknown[]): void {
  const [name] = readdirSync(folder);
  const path = join(folder, name!);
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  writeFileSync(path, encodeChecked(change(lines.map((line) => JSON.parse(line)))));
}

test('records: more fields and more lines are passed over, other fields make it a miss that is written anew', async () => {
  const root = newRoot();
  const index = createCacheIndex(root);
  await index.record(key, record);
  const folder = join(root, 'cache-v2');
  rewrite(folder, ([head, tree]) => [{ ...head, since: 'later' }, tree, { third: 'line' }]);
  const found = await index.lookup(key);
  assert.equal([found?.diffID, found?.tree], [diffID, record.tree]);
  for (const field of ['content', 'diffID', 'size', 'created', 'seconds', 'description']) {
    for (const value of foreign) {
      if (typeof value === typeof record[field as 'size'] && field !== 'diffID' && field !== 'content')
        continue;
      rewrite(folder, ([head, tree]) => [{ ...head, [field]: value }, tree]);
      assert.is(await index.lookup(key), undefined, `${field}: ${JSON.stringify(value)}`);
      assert.is(await index.record(key, record), record);
      assert.ok(await index.lookup(key));
    }
  }
  rewrite(folder, ([head]) => [head, ['no', 'tree']]);
  assert.is(await index.lookup(key), undefined);
});

test('the index of layers: the same', async () => {
  const root = newRoot();
  const index = createLayerIndex(root);
  await index.add(diffID, { size: 5, blob: descriptor });
  const folder = join(root, 'layers-v1');
  rewrite(folder, ([head]) => [{ ...head, since: 'later' }]);
  assert.equal(await index.forms(diffID), { size: 5, blobs: [descriptor] });
  for (const blobs of foreign.filter((value) => !Array.isArray(value))) {
    rewrite(folder, ([head]) => [{ ...head, blobs }]);
    assert.equal(await index.forms(diffID), { blobs: [] });
  }
  await index.add(diffID, { size: 5, blob: descriptor });
  assert.equal(await index.forms(diffID), { size: 5, blobs: [descriptor] });
});

test('what references stood for: the same', async () => {
  const root = newRoot();
  const index = createResolutionIndex(root);
  await index.set('docker.io/library/a:1', platform, { descriptor, resolved: descriptor.digest });
  const folder = join(root, 'resolutions-v1');
  rewrite(folder, ([head]) => [{ ...head, since: 'later' }]);
  assert.equal(index.get('docker.io/library/a:1', platform)?.descriptor, descriptor);
  for (const value of foreign) {
    rewrite(folder, ([head]) => [{ ...head, resolved: value }]);
    assert.is(index.get('docker.io/library/a:1', platform), undefined);
  }
});

test('partial keys of any length are read, and added to', async () => {
  const root = newRoot();
  const index = createCacheIndex(root);
  await index.expect([key]);
  writeFileSync(join(root, 'partial-keys-v1'), 'what another version wrote, in 37 byte');
  const other = createCacheIndex(root);
  assert.is(await other.mayHave(key), false);
  await other.expect([key]);
  assert.is(await createCacheIndex(root).mayHave(key), true);
});

test('a store of a newer format is refused by everything that opens one, and is not touched', async () => {
  const root = newRoot();
  mkdirSync(join(root, 'cache-v9'), { recursive: true });
  writeFileSync(join(root, 'store.json'), '{"version":2,"features":["more"]}');
  const { images } = createEngine({
    ...{ root, isolation: 'auto', snapshotter: 'auto', parallelism: 1, env: {} },
  });
  const refused = /has format 2; this program knows format 1/;
  await rejects(images.list({}), 'ERR_STORE', refused);
  await rejects(images.prune({ all: true }, call), 'ERR_STORE', refused);
  await rejects(images.check({ quick: false, repair: true }, call), 'ERR_STORE', refused);
  await rejects(images.diskUsage(call), 'ERR_STORE', refused);
  await rejects(createCacheIndex(root).expect([key]), 'ERR_STORE', refused);
  assert.equal(readdirSync(root).sort(), ['cache-v9', 'store.json']);
});

test.run();
