// Shared caches in a folder: the contract, and that nothing is left which no manifest names.
import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, hexOf } from '../../src/oci/digest.ts';
import { createFolderCache } from '../../src/remote-cache/folder.ts';
import { manifestOf, outgoing, testCacheRemote } from '../contract/cache-remote.ts';
import { tempDir } from '../support/temp-dir.ts';

testCacheRemote('folder', async () => {
  const dir = await tempDir();
  return {
    open: (tag) => createFolderCache({ path: dir.file('cache'), tag }),
    close: async () => dir[Symbol.asyncDispose](),
  };
});

const test = suite('createFolderCache');
const { signal } = new AbortController();

test('an export leaves only what manifests name; those of other tags are kept', async () => {
  await using dir = await tempDir();
  const path = dir.file('cache');
  const put = async (tag: string, text: string, base?: string): Promise<void> => {
    const remote = createFolderCache({ path, tag });
    const config = Buffer.from(`config ${text}`);
    await remote.write(outgoing(config), signal);
    await remote.write(outgoing(Buffer.from(`layer ${text}`)), signal);
    const manifest = manifestOf(config, [Buffer.from(`layer ${text}`)]);
    const before =
      base === undefined
        ? undefined
        : digestOf(manifestOf(Buffer.from(`config ${base}`), [Buffer.from(`layer ${base}`)]).bytes);
    assert.ok(await remote.commit(manifest, before, signal));
  };
  await put('one', 'a');
  await put('two', 'b');
  await put('one', 'c', 'a');
  const left = new Set(readdirSync(`${path}/blobs/sha256`));
  assert.is(left.size, 6);
  assert.not.ok(left.has(hexOf(digestOf('layer a'))));
  for (const text of ['layer b', 'layer c', 'config b', 'config c'])
    assert.ok(left.has(hexOf(digestOf(text))), text);
});

test('what another is about to name is left alone', async () => {
  await using dir = await tempDir();
  const options = { path: dir.file('cache'), tag: 'x' };
  const slow = createFolderCache({ ...options, tag: 'y' });
  const config = Buffer.from('slow config');
  await slow.write(outgoing(config), signal);
  const fast = createFolderCache(options);
  await fast.write(outgoing(Buffer.from('fast config')), signal);
  assert.ok(await fast.commit(manifestOf(Buffer.from('fast config'), []), undefined, signal));
  assert.ok(await slow.commit(manifestOf(config, []), undefined, signal));
  const left = readdirSync(`${options.path}/blobs/sha256`);
  assert.ok(left.includes(hexOf(digestOf(config))));
});

test('who gives up leaves nothing', async () => {
  await using dir = await tempDir();
  const path = dir.file('cache');
  const remote = createFolderCache({ path, tag: 'x' });
  await remote.write(outgoing(Buffer.from('a layer')), signal);
  await remote.discard!();
  assert.equal(readdirSync(`${path}/blobs/sha256`), []);
});

test('a damaged document is not taken for one', async () => {
  await using dir = await tempDir();
  const { writeFileSync } = await import('node:fs');
  const path = dir.file('cache');
  const remote = createFolderCache({ path, tag: 'x' });
  const manifest = manifestOf(Buffer.from('c'), []);
  await remote.commit(manifest, undefined, signal);
  writeFileSync(`${path}/blobs/sha256/${hexOf(digestOf(manifest.bytes))}`, 'x');
  const failure = await remote.read(signal).catch((error: { code: string }) => error);
  assert.is((failure as { code: string }).code, 'ERR_DIGEST_MISMATCH');
});

test.run();
