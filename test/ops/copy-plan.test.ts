import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planCopy } from '../../src/ops/copy-plan.ts';
import { throws } from '../dockerfile/throws.ts';
import { dir, file, link, memoryTree, special } from '../support/memory-tree.ts';
import { copied, copyOp, type LaidEntry, listed, now } from './copy-setup.ts';

const test = suite('copy-plan');
const context = memoryTree({
  '/f': file('f', { mode: 0o600, mtime: 7n }),
  '/g': 'g',
  '/d': dir({ mode: 0o700 }),
  '/d/a': 'a',
  '/d/b': link('../f'),
  '/d/sub': dir({ mode: 0o711 }),
  '/d/sub/c': file('c', { mode: 0o755 }),
  '/e/a': 'other a',
  '/tofile': link('f'),
  '/todir': link('d/sub'),
});
const copy = (sources: string | string[], to: string, more = {}) =>
  copied({ context, sources: [sources].flat(), to, ...more });
const list = (sources: string | string[], to: string, more = {}) => listed(copy(sources, to, more));

test('a file gets the name of the destination, or its own below one that ends in a slash', () => {
  assert.equal(list('/f', '/x/y'), ['dir 755 x', 'file 600 x/y']);
  assert.equal(list('/f', '/x/'), ['dir 755 x', 'file 600 x/f']);
  assert.equal(list('/f', '/'), ['file 600 f']);
});

test('a file goes into the destination where that is a directory already', () => {
  const base = memoryTree({ '/x': dir({ mode: 0o700, uid: 3 }) });
  assert.equal(list('/f', '/x', { base }), ['dir 700 3:0 x', 'file 600 x/f']);
});

test("a file keeps mode and time; directories made on the way are root's, 0755 and of now", () => {
  const [made, f] = copy('/f', '/x/f');
  assert.is(f!.stat.mtime, 7n);
  assert.is(f!.content, '/host/f');
  assert.is(made!.stat.mtime, now);
});

test('a directory gives what it holds, not itself', () => {
  const all = ['file 644 x/a', 'symlink 777 x/b -> ../f', 'dir 711 x/sub', 'file 755 x/sub/c'];
  assert.equal(list('/d', '/x'), ['dir 755 x', ...all]);
  assert.equal(list('/d', '/x/'), ['dir 755 x', ...all]);
  assert.equal(list('/d', '/'), ['file 644 a', 'symlink 777 b -> ../f', 'dir 711 sub', 'file 755 sub/c']);
});

test('the destination keeps its own mode and owner, directories below it take those of the source', () => {
  const base = memoryTree({
    '/x': dir({ mode: 0o775, uid: 5, gid: 6 }),
    '/x/sub': dir({ mode: 0o777, uid: 5 }),
  });
  assert.equal(list('/d', '/x', { base }), [
    'dir 775 5:6 x',
    'file 644 x/a',
    'symlink 777 x/b -> ../f',
    'dir 711 x/sub',
    'file 755 x/sub/c',
  ]);
});

test('a link that is named is followed, one inside a directory stays a link', () => {
  assert.equal(list('/tofile', '/x'), ['file 600 x']);
  assert.equal(list('/tofile', '/x/'), ['dir 755 x', 'file 600 x/tofile']);
  assert.equal(list('/todir', '/x'), ['dir 755 x', 'file 755 x/c']);
});

test('a destination through links of the image lands where they lead', () => {
  const base = memoryTree({ '/usr/lib': dir(), '/lib': link('usr/lib'), '/far': link('/new/place') });
  assert.equal(list('/f', '/lib', { base }), ['dir 755 usr', 'dir 755 usr/lib', 'file 600 usr/lib/f']);
  assert.equal(list('/f', '/lib/', { base }), ['dir 755 usr', 'dir 755 usr/lib', 'file 600 usr/lib/f']);
  assert.equal(list('/f', '/lib/x', { base }), ['dir 755 usr', 'dir 755 usr/lib', 'file 600 usr/lib/x']);
  assert.equal(list('/f', '/far/', { base }), ['dir 755 new', 'dir 755 new/place', 'file 600 new/place/f']);
});

test('in a tree a file takes the place of a link of the same name', () => {
  const base = memoryTree({ '/x/a': link('/etc/passwd') });
  assert.ok(list('/d', '/x', { base }).includes('file 644 x/a'));
});

test('a file does not take the place of a directory, nor a directory that of a file or a link', () => {
  throws(
    () => list('/d', '/x', { base: memoryTree({ '/x/a': dir() }) }),
    'ERR_COPY',
    /cannot replace to directory \/x\/a with file/,
  );
  throws(() => list('/d', '/x', { base: memoryTree({ '/x': 'file' }) }), 'ERR_COPY', /non-directory: \/x/);
  throws(() => list('/d', '/x', { base: memoryTree({ '/x/sub': 'file' }) }), 'ERR_COPY', /non-directory/);
  throws(
    () => list('/d', '/x', { base: memoryTree({ '/x/sub': link('/y'), '/y': dir() }) }),
    'ERR_COPY',
    /non-directory/,
  );
  throws(() => list('/f', '/x/y', { base: memoryTree({ '/x': 'file' }) }), 'ERR_COPY', /not a directory/);
});

test('of several sources each sees what those before it made; the last of a name stays', () => {
  assert.equal(list(['/d', '/e'], '/x/').filter((line) => line.endsWith(' x/a')).length, 1);
  assert.is(copy(['/d', '/e'], '/x/').find(({ path }) => path === 'x/a')!.content, '/host/e/a');
  const [only, ...rest] = copy(['/f', '/g'], '/x');
  assert.is(only!.content, '/host/g');
  assert.equal(rest, []);
  assert.equal(list(['/f', '/g', '/d/sub'], '/x/'), [
    'dir 755 x',
    'file 755 x/c',
    'file 600 x/f',
    'file 644 x/g',
  ]);
});

test('wildcards take all that they match, and may match nothing', () => {
  assert.equal(list('/?', '/x/'), [
    'dir 755 x',
    'file 644 x/a',
    'symlink 777 x/b -> ../f',
    'file 600 x/f',
    'file 644 x/g',
    'dir 711 x/sub',
    'file 755 x/sub/c',
  ]);
  assert.equal(list('/none*', '/x/'), []);
});

test('a source that is not there is an error that names it', () => {
  throws(() => list('/none', '/x'), 'ERR_SOURCE_NOT_FOUND', /"\/none": not found in the build context/);
  throws(() => list('/f/x', '/x'), 'ERR_SOURCE_NOT_FOUND', /dockerignore/);
});

test('".." in a source ends at the root of the tree', () => {
  assert.equal(list('/../../f', '/x'), ['file 600 x']);
});

test('--chown holds for all that is copied and made, links too, not for what was there', () => {
  const base = memoryTree({ '/opt': dir({ uid: 7 }) });
  assert.equal(list('/d', '/opt/app/', { base, flags: { chown: '1:2' } }), [
    'dir 755 7:0 opt',
    'dir 755 1:2 opt/app',
    'file 644 1:2 opt/app/a',
    'symlink 777 1:2 opt/app/b -> ../f',
    'dir 711 1:2 opt/app/sub',
    'file 755 1:2 opt/app/sub/c',
  ]);
});

test('owners of the source stay without --chown', () => {
  const stage = memoryTree({ '/f': file('', { uid: 33, gid: 44 }) });
  assert.equal(listed(copied({ context: stage, sources: ['/f'], to: '/x' })), ['file 644 33:44 x']);
});

test('an octal --chmod is the mode of all, made directories included, but not of links', () => {
  assert.equal(list('/d', '/n/x', { flags: { chmod: '0640' } }), [
    'dir 640 n',
    'dir 640 n/x',
    'file 640 n/x/a',
    'symlink 777 n/x/b -> ../f',
    'dir 640 n/x/sub',
    'file 640 n/x/sub/c',
  ]);
});

test('a symbolic --chmod works from the own mode of each, and leaves made directories alone', () => {
  assert.equal(list(['/f', '/d/sub'], '/n/', { flags: { chmod: 'u=rwX,go=rX' } }), [
    'dir 755 n',
    'file 755 n/c',
    'file 644 n/f',
  ]);
  throws(() => list('/f', '/n/', { flags: { chmod: '9' } }), 'ERR_SYNTAX', /invalid chmod/);
});

test('--exclude leaves out what matches below a source, at any depth with two stars', () => {
  const paths = (excludes: string[], source = '/d') =>
    copy(source, '/x', { flags: { excludes } }).map(({ path }) => path);
  assert.equal(paths(['a']), ['x', 'x/b', 'x/sub', 'x/sub/c']);
  assert.equal(paths(['sub']), ['x', 'x/a', 'x/b']);
  assert.equal(paths(['**/c']), ['x', 'x/a', 'x/b', 'x/sub']);
  assert.equal(paths(['*', '!sub']), ['x', 'x/sub', 'x/sub/c']);
  assert.equal(paths(['*', '!sub/c']), ['x', 'x/sub', 'x/sub/c']);
  assert.equal(paths(['f'], '/f'), ['x']);
});

test('a directory that --exclude leaves out but for something in it looks as made', () => {
  const entries = copy('/d', '/x', { flags: { excludes: ['sub', '!sub/c'] } });
  assert.is(entries.find(({ path }) => path === 'x/sub')!.stat.mode, 0o755);
});

test('an --exclude that begins with # is no comment', () => {
  const tree = memoryTree({ '/d/#x': '', '/d/y': '' });
  const entries = copied({ context: tree, sources: ['/d'], to: '/x', flags: { excludes: ['#x'] } });
  assert.equal(
    entries.map(({ path }) => path),
    ['x', 'x/y'],
  );
});

const deep = memoryTree({
  '/a': dir({ mode: 0o700, uid: 9 }),
  '/a/b/c/f': 'f',
  '/a/b/c/g': 'g',
  '/a/b/x.txt': 'x',
  '/a/top.txt': 't',
  '/a/l': link('b/c'),
});
const parents = (sources: string[], to = '/o/', flags = {}) =>
  listed(copied({ context: deep, sources, to, flags: { parents: true, ...flags } }));

test('--parents keeps the directories on the way, as they are in the source', () => {
  assert.equal(parents(['/a/b/x.txt']), [
    'dir 755 o',
    'dir 700 9:0 o/a',
    'dir 755 o/a/b',
    'file 644 o/a/b/x.txt',
  ]);
  assert.equal(parents(['a/b/c/']), [
    'dir 755 o',
    'dir 700 9:0 o/a',
    'dir 755 o/a/b',
    'dir 755 o/a/b/c',
    'file 644 o/a/b/c/f',
    'file 644 o/a/b/c/g',
  ]);
});

test('--parents keeps what comes after ./ in a source, each its own', () => {
  assert.equal(parents(['a/./b/x.txt', 'a/b/./c']), [
    'dir 755 o',
    'dir 755 o/b',
    'file 644 o/b/x.txt',
    'dir 755 o/c',
    'file 644 o/c/f',
    'file 644 o/c/g',
  ]);
  assert.equal(parents(['./a/top.txt']), ['dir 755 o', 'dir 700 9:0 o/a', 'file 644 o/a/top.txt']);
  assert.equal(parents(['a/b/./']), [
    'dir 755 o',
    'dir 755 o/c',
    'file 644 o/c/f',
    'file 644 o/c/g',
    'file 644 o/x.txt',
  ]);
});

test('--parents crosses directories with two stars, none among them', () => {
  assert.equal(parents(['a/**/*.txt']), [
    'dir 755 o',
    'dir 700 9:0 o/a',
    'dir 755 o/a/b',
    'file 644 o/a/b/x.txt',
    'file 644 o/a/top.txt',
  ]);
});

test('--parents makes the destination even where nothing matches, and fails where a plain source is missing', () => {
  assert.equal(parents(['a/none*']), ['dir 755 o']);
  throws(() => parents(['a/none']), 'ERR_SOURCE_NOT_FOUND', /"\/a\/none"/);
});

test('--parents copies a link as a link, and applies --exclude to the kept path', () => {
  assert.equal(parents(['a/l']), ['dir 755 o', 'dir 700 9:0 o/a', 'symlink 777 o/a/l -> b/c']);
  assert.equal(parents(['a/b'], '/o/', { excludes: ['a/b/c'] }), [
    'dir 755 o',
    'dir 700 9:0 o/a',
    'dir 755 o/a/b',
    'file 644 o/a/b/x.txt',
  ]);
});

test('--link does not see the image: its links are replaced, its directories made anew', () => {
  const base = memoryTree({ '/x': link('/y'), '/y': dir(), '/z': dir({ mode: 0o700, uid: 4 }) });
  assert.equal(list('/f', '/x/', { base, flags: { link: true } }), ['dir 755 x', 'file 600 x/f']);
  assert.equal(list('/f', '/z/', { base, flags: { link: true } }), ['dir 755 z', 'file 600 z/f']);
  assert.equal(list('/f', '/z', { base, flags: { link: true } }), ['file 600 z']);
});

test('what the image has the same of is in no layer, folders with nothing else in them neither', () => {
  const base = memoryTree({
    '/x/a': 'a',
    '/x/b': link('../f'),
    '/x/sub': dir({ mode: 0o711 }),
    '/x/sub/c': file('c', { mode: 0o755 }),
  });
  const other = (path: string, node: Parameters<typeof memoryTree>[0][string]) =>
    list('/d', '/x', { base: memoryTree({ ...Object.fromEntries(base.nodes), [path]: node }) });
  assert.equal(list('/d', '/x', { base }), []);
  const c = 'file 755 x/sub/c';
  assert.equal(other('/x/sub/c', file('d', { mode: 0o755 })), ['dir 755 x', 'dir 711 x/sub', c]);
  assert.equal(other('/x/sub/c', file('c', { mode: 0o755, mtime: 5n })), ['dir 755 x', 'dir 711 x/sub', c]);
  assert.equal(other('/x/sub/c', file('c', { mode: 0o755, mtime: 1_000_000_009n })), []);
  assert.equal(other('/x/sub', dir({ mode: 0o711, uid: 4 })), ['dir 755 x', 'dir 711 x/sub']);
  assert.equal(other('/x/b', link('/f')), ['dir 755 x', 'symlink 777 x/b -> ../f']);
  assert.equal(list('/d', '/x', { base, flags: { link: true } }).length, 5);
  assert.equal(list('/d', '/x', { base, flags: { chown: '1' } }).length, 5);
});

test('a folder of the image that gets a new entry gets the current time; one that only leads there keeps its own', () => {
  const base = memoryTree({ '/a/b': dir({ mtime: 5n }), '/a': dir({ mtime: 5n }) });
  const times = (to: string, from = '/f') => {
    const entries = copied({
      context: memoryTree({ '/f': 'x', '/d': dir({ mtime: 9n }), '/d/g': 'x' }),
      sources: [from],
      to,
      base,
    });
    return Object.fromEntries(entries.map(({ path, stat }) => [path, stat.mtime]));
  };
  assert.is(times('/a/b/')['a/b'], now);
  assert.is(times('/a/b/')['a'], 5n);
  // As cp -p: the folder's content came from another, with its time.
  assert.is(times('/a/b', '/d')['a/b'], 9n);
});

test('a folder made for several sources has the time of the last of them if that is a folder, else the current', () => {
  const several = memoryTree({ '/f': 'x', '/d': dir({ mtime: 9n }), '/d/g': 'x', '/e': dir({ mtime: 8n }) });
  const time = (sources: string[]) =>
    copied({ context: several, sources, to: '/o/' }).find(({ path }) => path === 'o')!.stat.mtime;
  assert.is(time(['/f', '/d']), 9n);
  assert.is(time(['/d', '/f']), now);
  assert.is(time(['/d', '/f', '/e']), 8n);
});

const linked = memoryTree({
  '/d/b': file('x', { link: '1:7' }),
  '/d/a': file('x', { link: '1:7' }),
  '/e/c': file('x', { link: '1:7' }),
});

test('hard links stay links within one source, to the first of their names', () => {
  assert.equal(listed(copied({ context: linked, sources: ['/d', '/e'], to: '/o/' })), [
    'dir 755 o',
    'file 644 o/a',
    'file 644 o/b = o/a',
    'file 644 o/c',
  ]);
});

test('devices are copied, sockets are not', () => {
  const stage = memoryTree({
    '/d/null': special('char', { mode: 0o666, major: 1, minor: 3 }),
    '/d/p': special('fifo', { mode: 0o600 }),
    '/d/s': special('socket'),
  });
  assert.equal(listed(copied({ context: stage, sources: ['/d'], to: '/o' })), [
    'dir 755 o',
    'char 666 o/null',
    'fifo 600 o/p',
  ]);
});

test('a heredoc is a file of the step: root, 0644, of now; flags hold for it', () => {
  const here = { type: 'inline' as const, name: 'EOF', data: 'text\n' };
  const [entry] = [...planCopy(copyOp('/x'), [here], { base: undefined, now })] as LaidEntry[];
  assert.equal(entry!.content, Buffer.from('text\n'));
  assert.is(entry!.stat.size, 5);
  assert.is(entry!.stat.mtime, now);
  const flags = { chmod: '0755', chown: '1:2' };
  assert.equal(listed([...planCopy(copyOp('/o/', flags), [here], { base: undefined, now })] as LaidEntry[]), [
    'dir 755 1:2 o',
    'file 755 1:2 o/EOF',
  ]);
});

test('the entries come in the order of layers, whatever the order of the sources', () => {
  const tree = memoryTree({ '/a-b': '', '/a/z': '', '/a.c': '', '/B': '' });
  const paths = copied({ context: tree, sources: ['/'], to: '/' }).map(({ path }) => path);
  assert.equal(paths, ['B', 'a', 'a/z', 'a-b', 'a.c']);
});

test('extended attributes come along, of the directories above too', () => {
  const xattrs = { 'security.capability': Buffer.from([1]) };
  const base = memoryTree({ '/x': dir({ xattrs }) });
  const stage = memoryTree({ '/f': file('', { xattrs }) });
  const entries = copied({ context: stage, sources: ['/f'], to: '/x/', base });
  assert.equal(
    entries.map((entry) => entry.xattrs),
    [xattrs, xattrs],
  );
});

test.run();
