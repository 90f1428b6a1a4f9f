import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CopyOp } from '../../src/graph/vertex.ts';
import { copyContentKey } from '../../src/ops/copy-key.ts';
import { keyDigest } from '../../src/tree/key-tree.ts';
import { runThrough } from '../../src/tree/steps.ts';
import { throws } from '../dockerfile/throws.ts';
import { dir, file, link, type MemoryNode, memoryTree } from '../support/memory-tree.ts';
import { copied, copyOp, keyOf, listed } from './copy-setup.ts';

const test = suite('copy-key');
type Nodes = Record<string, string | MemoryNode>;
const nodes = (): Nodes => ({
  '/d/f': 'f',
  '/d/x': file('x', { mode: 0o755 }),
  '/d/l': link('f'),
  '/d/sub/g': 'g',
  '/top': 'top',
});
const key = (change: Nodes = {}, flags = {}, sources = ['/d']) =>
  keyOf({ context: memoryTree({ ...nodes(), ...change }), sources, to: '/o/', flags });

test('content, mode, link target, name, type and empty folders change it', () => {
  const changes: Record<string, Nodes> = {
    content: { '/d/f': 'F' },
    mode: { '/d/f': file('f', { mode: 0o600 }) },
    'mode of a folder': { '/d/sub': dir({ mode: 0o700 }) },
    'mode of the source itself': { '/d': dir({ mode: 0o700 }) },
    target: { '/d/l': link('x') },
    type: { '/d/l': 'f' },
    addition: { '/d/new': '' },
    'empty folder': { '/d/empty': dir() },
  };
  for (const [what, change] of Object.entries(changes)) assert.is.not(key(change), key(), what);
  const { '/d/f': _f, ...rest } = nodes();
  const renamed = memoryTree({ ...rest, '/d/F': 'f' });
  assert.is.not(keyOf({ context: renamed, sources: ['/d'], to: '/o/' }), key());
});

test('times, what no source names, and the mode of a link change nothing', () => {
  assert.is(key({ '/d/f': file('f', { mtime: 99n }) }), key());
  assert.is(key({ '/d/sub': dir({ mtime: 99n }) }), key());
  assert.is(key({ '/top': 'other', '/new': '' }), key());
  assert.is(key({ '/d/l': link('f', { mode: 0o700 }) }), key());
});

test('an octal --chmod takes modes out of it, a symbolic one does not', () => {
  const other = { '/d/f': file('f', { mode: 0o600 }) };
  assert.is(key(other, { chmod: '0644' }), key({}, { chmod: '0644' }));
  assert.is.not(key(other, { chmod: 'u+x' }), key({}, { chmod: 'u+x' }));
});

test('--chown takes owners out of it', () => {
  const other = { '/d/f': file('f', { uid: 9, gid: 9 }) };
  assert.is(key(other, { chown: 'app' }), key({}, { chown: 'app' }));
  assert.is.not(key(other), key());
});

test('what --exclude leaves out does not count', () => {
  const flags = { excludes: ['f', 'sub'] };
  assert.is(key({ '/d/f': 'F', '/d/sub/g': 'G', '/d/sub/h': '' }, flags), key({}, flags));
  assert.is.not(key({ '/d/x': 'X' }, flags), key({}, flags));
  const back = { excludes: ['sub', '!sub/g'] };
  assert.is.not(key({ '/d/sub/g': 'G' }, back), key({}, back));
  assert.is(key({ '/d/sub/h': '' }, back), key({}, back));
});

test('a file named as source counts by name; a folder does not, as its name goes nowhere', () => {
  const tree = memoryTree({ '/a/f': '1', '/b/f': '1', '/f': 'x', '/g': 'x' });
  const of = (...sources: string[]) => keyOf({ context: tree, sources, to: '/o/' });
  assert.is(of('/a'), of('/b'));
  assert.is.not(of('/f'), of('/g'));
  assert.is.not(of('/f', '/g'), of('/g', '/f'));
});

test('a link that is named counts as what it leads to', () => {
  const tree = memoryTree({ '/real/f': 'x', '/to': link('real') });
  assert.is(
    keyOf({ context: tree, sources: ['/to'], to: '/o/' }),
    keyOf({ context: tree, sources: ['/real'], to: '/o/' }),
  );
});

test('with --parents the kept path counts, and the mode of the folders on the way, which are copied', () => {
  const flags = { parents: true };
  const of = (change: Nodes, source = 'd/sub/g') => key(change, flags, [source]);
  assert.is.not(of({}, 'd/./sub/g'), of({}));
  assert.is(of({ '/d/f': 'F' }), of({}));
  assert.is.not(of({ '/d/sub': dir({ mode: 0o700 }) }), of({}));
  assert.is(of({ '/d': dir({ mode: 0o700 }) }, 'd/./sub/g'), of({}, 'd/./sub/g'));
});

test('a file counts whatever its name, also where that is one of every object', () => {
  const name = '/d/__proto__';
  assert.is.not(key({ [name]: '1' }), key());
  assert.is.not(key({ [name]: '1' }), key({ [name]: '2' }));
  assert.is.not(
    key({ '/__proto__': '1' }, {}, ['/__proto__']),
    key({ '/__proto__': '2' }, {}, ['/__proto__']),
  );
});

test('where wildcards match one name several times, all count, in their order', () => {
  const of = (entries: Nodes) => keyOf({ context: memoryTree(entries), sources: ['*/x'], to: '/o/' });
  assert.is.not(of({ '/a/x': '1', '/b/x/x': '2', '/c/x': '3' }), of({ '/a/x': '3', '/b/x/x': '2' }));
});

test('a heredoc counts by name and text', () => {
  const of = (name: string, data: string) =>
    keyDigest(runThrough(copyContentKey(copyOp('/x'), [{ type: 'inline', name, data }])));
  assert.is(of('a', '1'), of('a', '1'));
  assert.is.not(of('a', '1'), of('b', '1'));
  assert.is.not(of('a', '1'), of('a', '2'));
});

test('each file is read once, and none that is left out', () => {
  const tree = memoryTree(nodes());
  keyOf({ context: tree, sources: ['/d'], to: '/o/', flags: { excludes: ['x'] } });
  assert.equal(tree.digested.sort(), ['/d/f', '/d/sub/g']);
});

test('a source that is not there is an error', () => {
  throws(() => key({}, {}, ['/none']), 'ERR_SOURCE_NOT_FOUND');
});

const node = fc.oneof(
  fc.constantFrom<string | MemoryNode>(
    '1',
    '2',
    file('1', { mode: 0o600 }),
    file('1', { uid: 1 }),
    link('a'),
    dir(),
  ),
);
const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 })
  .map((parts) => `/${parts.join('/')}`);
const trees = fc.dictionary(path, node, { maxKeys: 5, noNullPrototype: true }).filter((entries) =>
  Object.keys(entries).every((at) => {
    const above = entries[at.slice(0, at.lastIndexOf('/'))];
    return above === undefined || (typeof above !== 'string' && above.entry.type === 'dir');
  }),
);

test('trees that copy to different layers have different keys', () => {
  const flags = fc.constantFrom<Partial<CopyOp>>(
    {},
    { parents: true },
    { chmod: '0600' },
    { chown: '1:1' },
    { excludes: ['**/a'] },
  );
  const source = fc.constantFrom('/', 'a', '/a/./b', '*', '*/a');
  fc.assert(
    fc.property(trees, trees, flags, source, (one, two, given, name) => {
      const answer = (entries: Nodes) => {
        const copy = { context: memoryTree(entries), sources: [name], to: '/o/', flags: given };
        try {
          const entriesCopied = copied(copy);
          const contents = entriesCopied.map(
            (entry) => copy.context.nodes.get(String(entry.content).slice(5))?.content,
          );
          return { key: keyOf(copy), layer: JSON.stringify([listed(entriesCopied), contents]) };
        } catch {
          return undefined;
        }
      };
      const [a, b] = [answer(one), answer(two)];
      if (a && b && a.layer !== b.layer) assert.is.not(a.key, b.key, `${a.layer}\n${b.layer}`);
    }),
    { seed: 1, numRuns: 800 },
  );
});

test.run();
