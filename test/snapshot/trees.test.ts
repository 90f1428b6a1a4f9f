import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSys } from '../../src/fs/sys.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { Tree } from '../../src/seams.ts';
import { createMergedTree } from '../../src/snapshot/merged-tree.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { requireFeature } from '../support/require-feature.ts';

const root = mkdtempSync(join(tmpdir(), 'trees-'));
let made = 0;

/** A new directory with `files`: content by path, `null` for a directory. */
function makeDirectory(files: Record<string, string | null>): string {
  const directory = join(root, String(made++));
  mkdirSync(directory);
  for (const [path, content] of Object.entries(files)) {
    if (content === null) mkdirSync(join(directory, path), { recursive: true });
    else writeFileSync(join(directory, path), content);
  }
  return directory;
}

const layer = (directory: string, opaque: string[] = []) => ({ directory, opaque: new Set(opaque) });

for (const [name, create] of [
  ['directory tree', createDirectoryTree],
  ['merged tree of one layer', (directory: string) => createMergedTree([layer(directory)])],
] as [string, (directory: string) => Tree][]) {
  const test = suite(name);

  test('tells files, directories and links as they are', () => {
    const directory = makeDirectory({ d: null, 'd/f': 'content' });
    symlinkSync('d/f', join(directory, 'l'));
    chmodSync(join(directory, 'd/f'), 0o4711);
    const tree = create(directory);
    assert.equal(tree.readdir('/'), ['d', 'l']);
    assert.equal(tree.readdir('/d'), ['f']);
    assert.is(tree.lstat('/')?.type, 'dir');
    const { type, mode, size, link } = tree.lstat('/d/f')!;
    assert.equal({ type, mode, size, link }, { type: 'file', mode: 0o4711, size: 7, link: '' });
    assert.is(tree.lstat('/l')?.type, 'symlink');
    assert.is(tree.readlink('/l'), 'd/f');
    assert.is(tree.contentDigest('/d/f'), digestOf('content'));
    assert.is(tree.hostPath('/d/f'), join(directory, 'd/f'));
  });

  test('a link in the middle of a path leads nowhere', () => {
    const outside = makeDirectory({ secret: 's', sub: null, 'sub/secret': 's' });
    const directory = makeDirectory({ f: 'f' });
    symlinkSync(outside, join(directory, 'out'));
    const tree = create(directory);
    assert.is(tree.lstat('/out')?.type, 'symlink');
    assert.equal(tree.readdir('/out'), []);
    for (const path of ['/out/secret', '/out/sub/secret', '/f/secret', '/none/secret', '/none']) {
      assert.is(tree.lstat(path), undefined, path);
      assert.throws(() => tree.hostPath(path === '/none' ? '/none/x' : path));
      assert.throws(() => tree.contentDigest(path));
    }
    assert.equal(tree.readdir('/out/sub'), []);
    assert.throws(() => tree.readlink('/out/secret'));
  });

  test('the content of a link is not read', () => {
    const outside = makeDirectory({ secret: 's' });
    const directory = makeDirectory({});
    symlinkSync(join(outside, 'secret'), join(directory, 'out'));
    assert.throws(() => create(directory).contentDigest('/out'));
  });

  test('hard links are named alike', () => {
    const directory = makeDirectory({ a: 'x', c: 'x' });
    linkSync(join(directory, 'a'), join(directory, 'b'));
    const tree = create(directory);
    assert.is.not(tree.lstat('/a')?.link, '');
    assert.is(tree.lstat('/a')?.link, tree.lstat('/b')?.link);
    assert.is(tree.lstat('/c')?.link, '');
  });

  test('so are the names of one symbolic link', () => {
    const directory = makeDirectory({});
    symlinkSync('gone', join(directory, 'a'));
    linkSync(join(directory, 'a'), join(directory, 'b'));
    const tree = create(directory);
    assert.is.not(tree.lstat('/a')?.link, '');
    assert.is(tree.lstat('/a')?.link, tree.lstat('/b')?.link);
    assert.is(tree.readlink('/b'), 'gone');
  });

  test('large content is hashed as small is', () => {
    const content = 'long'.repeat(700_000);
    const tree = create(makeDirectory({ large: content, empty: '' }));
    assert.is(tree.contentDigest('/large'), digestOf(content));
    assert.is(tree.contentDigest('/empty'), digestOf(''));
  });

  test('a name that is too long or holds nothing is not there', () => {
    const tree = create(makeDirectory({ f: 'f' }));
    assert.is(tree.lstat(`/${'n'.repeat(300)}`), undefined);
    assert.equal(tree.readdir(`/${'n'.repeat(300)}`), []);
    assert.equal(tree.readdir('/f'), []);
  });

  test('capabilities are the only attributes', () => {
    if (!requireFeature('root', process.getuid?.() === 0)) return;
    const directory = makeDirectory({ f: 'f' });
    const value = Buffer.from('0100000200040000000000000000000000000000', 'hex');
    loadSys().setXattr(join(directory, 'f'), 'security.capability', value);
    loadSys().setXattr(join(directory, 'f'), 'user.mine', Buffer.from('1'));
    const tree = create(directory);
    assert.equal(tree.xattrs('/f'), { 'security.capability': value });
    assert.equal(tree.xattrs('/'), {});
  });

  test.run();
}

const directories = suite('directory tree options');

directories('an owner overrides what the host says', () => {
  const tree = createDirectoryTree(makeDirectory({ f: 'f' }), { owner: { uid: 7, gid: 8 } });
  for (const path of ['/', '/f']) assert.equal([tree.lstat(path)?.uid, tree.lstat(path)?.gid], [7, 8]);
});

directories('a digest that is known is not computed', () => {
  const directory = makeDirectory({ f: 'f' });
  const seen: unknown[] = [];
  const tree = createDirectoryTree(directory, {
    digest: (path, state) => {
      seen.push([path, state[1]]);
      return digestOf('cached');
    },
  });
  assert.is(tree.contentDigest('/f'), digestOf('cached'));
  assert.equal(seen, [[join(directory, 'f'), 1]]);
});

directories('the directory itself may be a link', () => {
  const directory = makeDirectory({ f: 'f' });
  symlinkSync(directory, `${directory}-link`);
  const tree = createDirectoryTree(`${directory}-link`);
  assert.is(tree.lstat('/')?.type, 'dir');
  assert.equal(tree.readdir('/'), ['f']);
});

directories.run();

const merged = suite('merged tree');

merged('the topmost layer wins, directories merge, anything else hides what is below', () => {
  const low = layer(
    makeDirectory({ d: null, 'd/low': '1', 'd/both': 'low', f: null, 'f/hidden': '1', g: 'file' }),
  );
  const middle = layer(makeDirectory({ f: 'file', g: null, 'g/new': '1' }));
  const top = layer(makeDirectory({ d: null, 'd/both': 'top', f: null, 'f/top': '1', g: null }));
  chmodSync(join(top.directory, 'd'), 0o711);
  const tree = createMergedTree([top, middle, low]);
  assert.equal(tree.readdir('/d'), ['both', 'low']);
  assert.is(tree.contentDigest('/d/both'), digestOf('top'));
  assert.is(tree.lstat('/d')?.mode, 0o711);
  assert.equal(tree.readdir('/f'), ['top']);
  assert.is(tree.lstat('/f/hidden'), undefined);
  assert.equal(tree.readdir('/g'), ['new']);
});

merged('opaque directories cut off what is below them', () => {
  const low = layer(makeDirectory({ 'd/e': null, 'd/low': '1', 'd/e/low': '1' }));
  const middle = layer(makeDirectory({ 'd/e': null, 'd/middle': '1' }), ['/d']);
  const top = layer(makeDirectory({ 'd/e': null, 'd/top': '1' }));
  const tree = createMergedTree([top, middle, low]);
  assert.equal(tree.readdir('/d'), ['e', 'middle', 'top']);
  assert.equal(tree.readdir('/d/e'), []);
});

merged('whiteouts share one inode and are never entries', () => {
  if (!requireFeature('root', process.getuid?.() === 0)) return;
  const low = layer(makeDirectory({ a: '1', b: '1', c: '1' }));
  const top = layer(makeDirectory({}));
  const file = join(top.directory, 'a');
  loadSys().mknod(file, { type: 'char', mode: 0, major: 0, minor: 0 });
  linkSync(file, join(top.directory, 'b'));
  loadSys().mknod(join(top.directory, 'null'), { type: 'char', mode: 0o666, major: 1, minor: 3 });
  const tree = createMergedTree([top, low]);
  assert.equal(tree.readdir('/'), ['c', 'null']);
  assert.is(tree.lstat('/a'), undefined);
  assert.throws(() => tree.hostPath('/b'));
});

merged('files of two layers are never one file', () => {
  const directory = makeDirectory({ a: '1' });
  linkSync(join(directory, 'a'), join(directory, 'b'));
  const other = makeDirectory({});
  linkSync(join(directory, 'a'), join(other, 'c'));
  const tree = createMergedTree([layer(directory), layer(other)]);
  assert.is(tree.lstat('/a')?.link, tree.lstat('/b')?.link);
  assert.is.not(tree.lstat('/a')?.link, tree.lstat('/c')?.link);
});

merged('walking a tree loads no native code', () => {
  const directory = makeDirectory({ d: null, 'd/f': 'f' });
  const tree = new URL('../../src/snapshot/merged-tree.ts', import.meta.url).href;
  const program = `
    const { createMergedTree } = await import(${JSON.stringify(tree)});
    const { createRequire } = await import('node:module');
    const tree = createMergedTree([{ directory: ${JSON.stringify(directory)}, opaque: new Set() }]);
    tree.readdir('/d'); tree.lstat('/d/f'); tree.contentDigest('/d/f');
    const cache = createRequire(${JSON.stringify(tree)}).cache;
    process.exitCode = Object.keys(cache).some((file) => file.includes('koffi')) ? 1 : 0;`;
  const result = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  assert.is(result.status, 0, result.stderr.toString());
});

merged('names that are no UTF-8 keep their bytes', () => {
  const directory = makeDirectory({});
  execFileSync('sh', ['-c', `mkdir "$(printf 'd\\200')" && echo f >"$(printf 'd\\200/f\\377')"`], {
    cwd: directory,
  });
  const tree = createMergedTree([layer(directory)]);
  assert.equal(tree.readdir('/'), ['d\udc80']);
  assert.equal(tree.readdir('/d\udc80'), ['f\udcff']);
  assert.is(tree.contentDigest('/d\udc80/f\udcff'), digestOf('f\n'));
});

merged.after(() => rmSync(root, { recursive: true, force: true }));
merged.run();
