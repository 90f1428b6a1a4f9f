import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blankNode } from '../../src/erofs/node.ts';
import { createNodeTable } from '../../src/erofs/node-table.ts';

const test = suite('erofs/node-table');

test('names lead where a map of maps would lead, however often they change', () => {
  const name = fc.oneof(fc.constantFrom('a', 'b', 'n\udc80', 'é', '__proto__'), fc.string({ maxLength: 3 }));
  const change = fc.record({ at: fc.nat(2), name, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const nodes = createNodeTable();
      const directories = [0, 1, 2].map(() => nodes.add(blankNode('dir')));
      const expected = directories.map(() => new Map<string, number>());
      for (const { at, name: text, remove } of changes) {
        if (remove) {
          nodes.remove(directories[at]!, text);
          expected[at]!.delete(text);
          continue;
        }
        const node = nodes.add(blankNode('fifo'));
        nodes.put(directories[at]!, text, node);
        expected[at]!.set(text, node);
      }
      for (const [at, directory] of directories.entries()) {
        assert.equal(nodes.children(directory).sort(), [...expected[at]!].sort());
        for (const { name: text } of changes)
          assert.is(nodes.child(directory, text), expected[at]!.get(text), JSON.stringify(text));
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('thousands of names in several directories are all found', () => {
  const nodes = createNodeTable();
  const directories = [nodes.add(blankNode('dir')), nodes.add(blankNode('dir'))];
  for (let n = 0; n < 20_000; n++) nodes.put(directories[n % 2]!, `name-${n >> 1}`, n + 1);
  for (let n = 0; n < 20_000; n++) assert.is(nodes.child(directories[n % 2]!, `name-${n >> 1}`), n + 1);
  assert.is(nodes.child(directories[0]!, 'name-10000'), undefined);
  assert.is(nodes.children(directories[1]!).length, 10_000);
});

test('what is said of a node is kept, and may be changed', () => {
  const nodes = createNodeTable();
  const node = { ...blankNode('file'), mode: 0o7777, uid: 2 ** 32 - 1, seconds: -1, nanoseconds: 5 };
  const content = { device: 3, offset: 2 ** 45, size: 2 ** 40 + 1 };
  const one = nodes.add({ ...node, content, xattrs: { 'user.a': Buffer.from('x') } });
  const link = nodes.add({ ...blankNode('symlink'), linkTarget: 'to\udcff/é' });
  assert.equal(nodes.get(one), { ...node, content, xattrs: { 'user.a': Buffer.from('x') } });
  assert.is(nodes.get(link).linkTarget, 'to\udcff/é');
  nodes.change(one, { xattrs: {}, gid: 9 });
  assert.equal(nodes.get(one), { ...node, content, gid: 9, xattrs: {} });
});

test.run();
