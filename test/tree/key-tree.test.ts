import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import type { KeyTree } from '../../src/seams.ts';
import { keyDigest, treeKey } from '../../src/tree/key-tree.ts';
import { runThrough } from '../../src/tree/steps.ts';
import { dir, file, link, type MemoryNode, memoryTree, special } from '../support/memory-tree.ts';

const test = suite('key-tree');
const all = { mode: true, owner: true };
const base = (): Record<string, string | MemoryNode> => ({
  '/d/f': 'one',
  '/d/l': link('f'),
  '/d/sub/g': 'two',
});
const digestOfTree = (entries: Record<string, string | MemoryNode>, options = all) =>
  keyDigest(runThrough(treeKey(memoryTree(entries), '/d', options)) as KeyTree);

test('the key of a tree names type, mode, owner, content and link target', () => {
  const tree = memoryTree({ ...base(), '/d/n': special('char', { mode: 0o600, major: 1, minor: 3 }) });
  // As JSON: key trees have no prototype.
  assert.equal(JSON.parse(JSON.stringify(runThrough(treeKey(tree, '/d', all)))), {
    '/': 'dir 0755 0:0',
    f: `file 0644 0:0 ${digestOf('one')}`,
    l: 'symlink 0:0 "f"',
    n: 'char 0600 0:0 1,3',
    sub: { '/': 'dir 0755 0:0', g: `file 0644 0:0 ${digestOf('two')}` },
  });
});

test('its digest never changes: caches are found again by it', () => {
  assert.is(keyDigest({ a: 'x', b: { c: '', d: 'é' } }), digestOf('1:a=1:x;1:b{1:c=0:;1:d=1:é;}'));
  assert.is(digestOfTree(base()), 'sha256:c4893602931e3cbbb938f8444d6e041fde7a600efecce6ca7827e3feef3946a1');
});

test('the order in which names were added does not count', () => {
  const reversed = Object.fromEntries(Object.entries(base()).reverse());
  assert.is(digestOfTree(reversed), digestOfTree(base()));
  assert.is(keyDigest({ a: '1', b: { c: '2', d: '3' } }), keyDigest({ b: { d: '3', c: '2' }, a: '1' }));
});

test('content, name, mode, owner, link target, type and an added empty folder change it; a time does not', () => {
  const changes: Record<string, Record<string, string | MemoryNode>> = {
    content: { '/d/f': 'ONE' },
    mode: { '/d/f': file('one', { mode: 0o755 }) },
    setuid: { '/d/f': file('one', { mode: 0o4644 }) },
    owner: { '/d/f': file('one', { uid: 1 }) },
    target: { '/d/l': link('sub') },
    type: { '/d/l': file('f') },
    xattr: { '/d/f': file('one', { xattrs: { 'security.capability': Buffer.from([1, 2]) } }) },
    folder: { '/d/empty': dir() },
    'folder mode': { '/d/sub': dir({ mode: 0o700 }) },
  };
  for (const [what, change] of Object.entries(changes))
    assert.is.not(digestOfTree({ ...base(), ...change }), digestOfTree(base()), what);
  const { '/d/f': _f, ...without } = base();
  assert.is.not(digestOfTree({ ...without, '/d/h': 'one' }), digestOfTree(base()));
  assert.is(digestOfTree({ ...base(), '/d/f': file('one', { mtime: 7n }) }), digestOfTree(base()));
});

test('mode and owner count only where they are asked for; the mode of a link never does', () => {
  const other = { ...base(), '/d/f': file('one', { mode: 0o600, uid: 9, gid: 9 }) };
  assert.is(
    digestOfTree(other, { mode: false, owner: false }),
    digestOfTree(base(), { mode: false, owner: false }),
  );
  assert.is(digestOfTree({ ...base(), '/d/l': link('f', { mode: 0o700 }) }), digestOfTree(base()));
});

test('sockets are left out, and what is not there says so', () => {
  assert.is(digestOfTree({ ...base(), '/d/s': special('socket') }), digestOfTree(base()));
  assert.is(runThrough(treeKey(memoryTree({}), '/none', all)), 'missing');
});

test('a file counts whatever its name, also where that is one of every object', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const tree = (content: string) => ({ ...base(), [`/d/${name}`]: file(content) });
    assert.is.not(digestOfTree(tree('x')), digestOfTree(base()), name);
    assert.is.not(digestOfTree(tree('x')), digestOfTree(tree('y')), name);
  }
  assert.is.not(digestOfTree({ ...base(), '/d/__proto__/f': 'x' }), digestOfTree(base()));
});

test('two key trees have one digest exactly if they are equal', () => {
  const { tree } = fc.letrec<{ tree: KeyTree }>((tie) => ({
    tree: fc.dictionary(
      fc.constantFrom('a', 'b', 'a=', '1:a', '{', '}', ';'),
      fc.oneof({ maxDepth: 3 }, fc.constantFrom('', 'a', '}', ';1:a', '1'), tie('tree')),
      { maxKeys: 3, noNullPrototype: true },
    ) as fc.Arbitrary<KeyTree>,
  }));
  const canonical = (node: KeyTree | string): unknown =>
    typeof node === 'string'
      ? node
      : Object.keys(node)
          .sort()
          .map((name) => [name, canonical(node[name]!)]);
  fc.assert(
    fc.property(tree, tree, (a, b) => {
      const equal = JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
      assert.is(keyDigest(a) === keyDigest(b), equal);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
