import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planCopy } from '../../src/ops/copy-plan.ts';
import type { UnpackedArchive } from '../../src/ops/environment.ts';
import { throws } from '../dockerfile/throws.ts';
import { dir, file, link, memoryTree } from '../support/memory-tree.ts';
import { copyOp, from, type LaidEntry, listed, now } from './copy-setup.ts';

const test = suite('copy-plan of archives');

const archiveTree = memoryTree({
  '/bin/tool': file('tool', { mode: 0o755, uid: 8, gid: 8 }),
  '/conf': 'conf',
  '/sub/x': 'x',
});
const archive = (more: Partial<UnpackedArchive> = {}) => ({
  ...{ type: 'archive' as const, tree: archiveTree, implied: new Set<string>(), links: [] },
  ...more,
});
const unpack = (base = memoryTree({}), to = '/', more: Partial<UnpackedArchive> = {}) =>
  listed([...planCopy(copyOp(to), [archive(more)], { base, now })] as LaidEntry[]);

test('an archive is laid over the destination, with its owners', () => {
  assert.equal(unpack(memoryTree({}), '/o'), [
    'dir 755 o',
    'dir 755 o/bin',
    'file 755 8:8 o/bin/tool',
    'file 644 o/conf',
    'dir 755 o/sub',
    'file 644 o/sub/x',
  ]);
});

test('an archive follows a link to a directory that it does not tell of, and replaces whatever else is in its way', () => {
  const base = memoryTree({
    '/usr/bin': dir(),
    '/bin': link('usr/bin'),
    '/conf/inner': 'old',
    '/sub': 'a file',
  });
  const others = ['file 644 conf', 'dir 755 sub', 'file 644 sub/x'];
  assert.equal(unpack(base), ['dir 755 bin', 'file 755 8:8 bin/tool', ...others]);
  assert.equal(unpack(base, '/', { implied: new Set(['/bin']) }), [
    'file 644 conf',
    'dir 755 sub',
    'file 644 sub/x',
    'dir 755 usr',
    'dir 755 usr/bin',
    'file 755 8:8 usr/bin/tool',
  ]);
});

test('--exclude is of the sources, not of what is in an archive; names of one link stay one', () => {
  const tree = memoryTree({ '/a': link('x', { link: '1:5' }), '/b': link('x', { link: '1:5' }) });
  const op = copyOp('/o/', { excludes: ['a'] });
  const entries = [...planCopy(op, [archive({ tree })], { base: undefined, now })] as LaidEntry[];
  assert.equal(
    entries.map(({ path, hardLinkTo }) => [path, hardLinkTo]),
    [
      ['o', undefined],
      ['o/a', undefined],
      ['o/b', 'o/a'],
    ],
  );
});

test('what an archive replaces by a file leaves nothing below it, also where this step had added it', () => {
  const inputs = [from(memoryTree({ '/s/conf/inner': 'old' }), '/s'), archive()];
  const paths = [...planCopy(copyOp('/o/'), inputs, { base: undefined, now })].map(({ path }) => path);
  assert.ok(paths.includes('o/conf'));
  assert.not(paths.includes('o/conf/inner'));
});

test('folders that an archive leaves out keep what they are, or are made now, by root whatever the flags say', () => {
  const base = memoryTree({ '/o/sub': dir({ mode: 0o700, uid: 9 }) });
  const tree = memoryTree({ '/sub/x': 'x', '/new/y': 'y' });
  const given = archive({ tree, implied: new Set(['/sub', '/new']) });
  const entries = [...planCopy(copyOp('/o', { chown: '3:4' }), [given], { base, now })] as LaidEntry[];
  assert.equal(listed(entries), [
    'dir 755 o',
    'dir 755 o/new',
    'file 644 3:4 o/new/y',
    'dir 700 9:0 o/sub',
    'file 644 3:4 o/sub/x',
  ]);
  assert.is(entries.find(({ path }) => path === 'o/new')?.stat.mtime, now);
});

const pending = (path: string, target: string) => ({
  ...{ path, target, mode: 0o600, uid: 5, gid: 6, mtime: 7n },
});

test("an archive's hard link to a file of the image is that file under one more name, and its header counts for both", () => {
  const base = memoryTree({ '/o/there': file('old', { mode: 0o644 }) });
  const links = [pending('/z', '/there'), pending('/in/zz', '/z')];
  assert.equal(unpack(base, '/o', { tree: memoryTree({}), links }), [
    'dir 755 o',
    'dir 755 o/in',
    'file 600 5:6 o/in/zz',
    'file 600 5:6 o/there = o/in/zz',
    'file 600 5:6 o/z = o/in/zz',
  ]);
  const given = archive({ tree: memoryTree({}), links });
  const [, ...files] = [...planCopy(copyOp('/o'), [given], { base, now })] as LaidEntry[];
  for (const { path, stat } of files) if (stat.type === 'file') assert.is(stat.mtime, 7n, path);
});

test('a file of the archive may take the place of what its own hard link led to', () => {
  const base = memoryTree({ '/o/there': 'old' });
  const links = [pending('/z', '/there')];
  const given = archive({ tree: memoryTree({ '/there': 'new' }), links });
  const entries = [...planCopy(copyOp('/o'), [given], { base, now })] as LaidEntry[];
  assert.equal(listed(entries), ['dir 755 o', 'file 644 o/there', 'file 600 5:6 o/z']);
});

test('a hard link to nothing, or to a folder, is a bad archive', () => {
  const base = memoryTree({ '/o/folder': dir() });
  for (const target of ['/nothing', '/folder']) {
    throws(() => unpack(base, '/o', { links: [pending('/z', target)] }), 'ERR_BAD_ARCHIVE');
  }
});

test.run();
