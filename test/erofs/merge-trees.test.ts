import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markOpaque, mergeTrees, opaqueDirectories } from '../../src/erofs/merge-trees.ts';
import { blankNode } from '../../src/erofs/node.ts';
import { createNodeTable, type NodeTable } from '../../src/erofs/node-table.ts';

const test = suite('erofs/merge-trees');

/** `!` is a whiteout, a text a file with that content; `*` as a name makes the directory opaque. */
type Plan = { [name: string]: Plan | string };

function plant(nodes: NodeTable, plan: Plan): number {
  const directory = nodes.add(blankNode('dir'));
  for (const [name, what] of Object.entries(plan)) {
    if (name === '*') markOpaque(nodes, directory);
    else if (what === '!') nodes.put(directory, name, nodes.add(blankNode('char')));
    else if (typeof what === 'string')
      nodes.put(directory, name, nodes.add({ ...blankNode('symlink'), linkTarget: what }));
    else nodes.put(directory, name, plant(nodes, what));
  }
  return directory;
}

function told(nodes: NodeTable, directory: number): Plan {
  const plan: Plan = opaqueDirectories(nodes, directory)[0] === '/' ? { '*': '' } : {};
  for (const [name, child] of nodes.children(directory).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const type = nodes.type(child);
    if (type === 'dir') plan[name] = told(nodes, child);
    else plan[name] = type === 'char' ? '!' : nodes.linkTarget(child);
  }
  return plan;
}

const cases: { title: string; lower: Plan; upper: Plan; below: string[]; merged: Plan }[] = [
  {
    title: 'files of both are seen, the upper ones first',
    lower: { a: 'low', d: { x: 'low', y: 'low' } },
    upper: { b: 'up', d: { x: 'up', z: 'up' } },
    below: [],
    merged: { a: 'low', b: 'up', d: { x: 'up', y: 'low', z: 'up' } },
  },
  {
    title: 'a whiteout is kept where there is something to hide, and nowhere else',
    lower: { a: 'low', b: 'low' },
    upper: { a: '!', b: '!' },
    below: ['/a'],
    merged: { a: '!' },
  },
  {
    title: 'an opaque directory hides what is below it, and no whiteout stands in it',
    lower: { d: { x: 'low' }, e: { '*': '', x: 'low' } },
    upper: { d: { '*': '', y: 'up' }, e: { x: '!', y: 'up' } },
    below: ['/d', '/d/z', '/e', '/e/x'],
    merged: { d: { '*': '', y: 'up' }, e: { '*': '', y: 'up' } },
  },
  {
    title: 'a directory in the place of a whiteout or a file hides the one that they hid',
    lower: { d: '!', e: 'low', f: 'low' },
    upper: { d: { x: 'up' }, e: { x: 'up' }, f: { x: 'up' } },
    below: ['/d', '/e'],
    merged: { d: { '*': '', x: 'up' }, e: { '*': '', x: 'up' }, f: { x: 'up' } },
  },
  {
    title: 'a file in the place of a directory is that file',
    lower: { d: { x: 'low' } },
    upper: { d: 'up' },
    below: ['/d'],
    merged: { d: 'up' },
  },
];

for (const { title, lower, upper, below, merged } of cases) {
  test(title, () => {
    const nodes = createNodeTable();
    const pair = { lower: plant(nodes, lower), upper: plant(nodes, upper) };
    mergeTrees(nodes, pair, (path) => below.includes(path));
    assert.equal(told(nodes, pair.upper), merged);
  });
}

test('opaque directories are listed by their paths', () => {
  const nodes = createNodeTable();
  const root = plant(nodes, { '*': '', a: { b: { '*': '' } }, c: {} });
  assert.equal(opaqueDirectories(nodes, root), ['/', '/a/b']);
});

test.run();
