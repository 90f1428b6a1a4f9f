import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { treeEntries } from '../../src/export/files.ts';
import { packLayer } from '../../src/layer/tar-writer.ts';
import type { Tree } from '../../src/seams.ts';
import { createLiveTree } from '../../src/snapshot/live-tree.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { walkTree } from '../../src/tree/walk.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('live-tree');
const { signal } = new AbortController();
const listed = (tree: Tree) => [...walkTree(tree, '/')];

test('a folder in which nobody is at work looks as it does otherwise', async () => {
  await using dir = await tempDir();
  const at = dir.file('cache');
  mkdirSync(`${at}/a/b/c`, { recursive: true });
  mkdirSync(`${at}/ab`);
  writeFileSync(`${at}/a/b/c/file`, 'content', { mode: 0o640 });
  writeFileSync(`${at}/ab/other`, '');
  symlinkSync('/etc', `${at}/a/link`);
  using tree = createLiveTree(at);
  assert.equal(listed(tree), listed(createDirectoryTree(at)));
  assert.is(tree.readlink('/a/link'), '/etc');
  assert.is(tree.lstat('/a/link/passwd'), undefined);
  assert.is(tree.lstat('/a/none/x'), undefined);
  assert.is(tree.contentDigest('/a/b/c/file'), createDirectoryTree(at).contentDigest('/a/b/c/file'));
});

test('what lies behind a link that came to stand for a folder is not seen, and not packed', async () => {
  await using dir = await tempDir();
  const [at, secret] = [dir.file('cache'), dir.file('secret')];
  mkdirSync(`${at}/a`, { recursive: true });
  mkdirSync(secret);
  for (const folder of [secret, `${at}/a`]) writeFileSync(`${folder}/key`, 'sixteen bytes ok');
  using tree = createLiveTree(at);
  const entries = [...treeEntries(tree, signal)];
  const swap = (): void => {
    renameSync(`${at}/a`, `${at}/b`);
    symlinkSync(secret, `${at}/a`);
  };
  swap();
  // The walk that began before goes on with the folder that it found.
  assert.is(tree.lstat('/a/key')?.size, 16);
  using later = createLiveTree(at);
  assert.equal(
    listed(later).map(({ path }) => path),
    ['/', '/a', '/b', '/b/key'],
  );
  assert.throws(() => later.readdir('/a'));
  const packed = async (within: string | undefined): Promise<string> => {
    let text = '';
    for await (const chunk of packLayer(entries, { signal, within })) text += chunk.toString('latin1');
    return text;
  };
  assert.match(await packed(undefined), 'sixteen bytes ok');
  await packed(tree.within).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, '"a/key" was replaced while it was read'),
  );
  rmSync(`${at}/a`);
  renameSync(`${at}/b`, `${at}/a`);
  assert.match(await packed(tree.within), 'sixteen bytes ok');
});

test.run();
