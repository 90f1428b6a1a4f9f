import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { treeEntries, writeFiles } from '../../src/export/files.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { dir, file, link, memoryTree, special } from '../support/memory-tree.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('files');
const { signal } = new AbortController();
const options = { folder: '', epoch: undefined, signal };

/** What an image holds, as files of the host. */
function fill(source: TempDir): void {
  mkdirSync(source.file('bin'));
  writeFileSync(source.file('bin/tool'), 'tool');
  chmodSync(source.file('bin/tool'), 0o4755);
  linkSync(source.file('bin/tool'), source.file('same'));
  symlinkSync('/etc/passwd', source.file('abs'));
  utimesSync(source.file('bin/tool'), 1_000, 1_000.5);
  chmodSync(source.file('bin'), 0o711);
  utimesSync(source.file('bin'), 2_000, 2_000);
}

async function written(work: (dest: TempDir) => void, before?: (dest: TempDir) => void): Promise<void> {
  await using source = await tempDir();
  await using dest = await tempDir();
  fill(source);
  before?.(dest);
  await writeFiles(createDirectoryTree(source.path), dest.path, options);
  work(dest);
}

test('files are written with modes and times, hard links and links as they are', async () => {
  await written((dest) => {
    const tool = lstatSync(dest.file('bin/tool'));
    assert.is(tool.mode & 0o7777, 0o4755);
    assert.is(tool.mtimeMs, 1_000_500);
    assert.is(lstatSync(dest.file('same')).ino, tool.ino);
    assert.is(readlinkSync(dest.file('abs')), '/etc/passwd');
    assert.is(lstatSync(dest.file('bin')).mode & 0o7777, 0o711);
    assert.is(lstatSync(dest.file('bin')).mtimeMs, 2_000_000);
  });
});

test('nothing is written through a link that is there: it is replaced', async () => {
  await using outside = await tempDir();
  writeFileSync(outside.file('victim'), 'mine');
  mkdirSync(outside.file('folder'));
  await written(
    (dest) => {
      assert.is(readFileSync(outside.file('victim'), 'utf8'), 'mine');
      assert.not(existsSync(outside.file('folder/tool')));
      assert.ok(lstatSync(dest.file('bin')).isDirectory());
      assert.is(readFileSync(dest.file('same'), 'utf8'), 'tool');
    },
    (dest) => {
      symlinkSync(outside.file('victim'), dest.file('same'));
      symlinkSync(outside.file('folder'), dest.file('bin'));
    },
  );
});

test('what is there and of another name stays; a folder in the way of a file goes', async () => {
  await written(
    (dest) => {
      assert.ok(existsSync(dest.file('other')));
      assert.ok(existsSync(dest.file('bin/other')));
      assert.ok(lstatSync(dest.file('same')).isFile());
    },
    (dest) => {
      writeFileSync(dest.file('other'), '');
      mkdirSync(dest.file('bin'));
      writeFileSync(dest.file('bin/other'), '');
      mkdirSync(dest.file('same/inner'), { recursive: true });
    },
  );
});

test('the entries of a tar are those of the tree, hard links to the first name, in order', () => {
  const tree = memoryTree({
    '/b': file('x', { link: '1' }),
    '/a/z': file('x', { link: '1' }),
    '/dev/null': special('char', { major: 1, minor: 3 }),
    '/l': link('a'),
    '/e': dir({ mode: 0o700 }),
  });
  assert.equal(
    [...treeEntries(tree, signal)].map((entry) =>
      entry.kind === 'entry'
        ? [entry.path, entry.stat.type, entry.hardLinkTo ?? entry.linkTarget]
        : entry.path,
    ),
    [
      ['a', 'dir', ''],
      ['a/z', 'file', ''],
      ['b', 'file', 'a/z'],
      ['dev', 'dir', ''],
      ['dev/null', 'char', ''],
      ['e', 'dir', ''],
      ['l', 'symlink', 'a'],
    ],
  );
});

test('an abort ends it with its reason', () => {
  const reason = new Error('enough');
  let thrown: unknown;
  try {
    [...treeEntries(memoryTree({ '/a': '' }), AbortSignal.abort(reason))];
  } catch (error) {
    thrown = error;
  }
  assert.is(thrown, reason);
});

test.run();
