// Who reads what of a context, and how much is looked at to tell.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CopyOp } from '../../src/graph/vertex.ts';
import type { Tree } from '../../src/seams.ts';
import { runThrough } from '../../src/tree/steps.ts';
import type { ContextNode } from '../../src/usage/context-node.ts';
import type { ContextStep } from '../../src/usage/context-step.ts';
import { reportUse, type Use } from '../../src/usage/report-use.ts';
import { nodesTo } from '../support/context-nodes.ts';
import { memoryTree, special } from '../support/memory-tree.ts';

const test = suite('usage/report-use');

const copyOp: CopyOp = {
  ...{ type: 'copy', sources: [], destination: '/', chown: undefined, chmod: undefined },
  ...{ link: false, parents: false, excludes: [], unpack: false },
};

/** COPY of one path. */
const copy = (path: string, line = 2): ContextStep => ({
  ...{ name: `COPY ${path}`, file: 'Dockerfile', line, inTarget: true },
  reads: [
    { type: 'copy', context: '', path, op: { ...copyOp, sources: [{ type: 'path', input: 1, path }] } },
  ],
});

function use(files: Tree, ignore: string, ...steps: ContextStep[]): Use {
  return runThrough(
    reportUse([{ name: '', source: '.', files, ignore: { name: '.dockerignore', text: ignore } }], steps),
  );
}

const at = ({ contexts }: Use, path: string): ContextNode => {
  const node = nodesTo(contexts[0]!.root, path).at(-1)!;
  assert.is(node.path, path);
  return node;
};

test('each path is looked at once, however many steps read it, and no content is', () => {
  const tree = memoryTree({ '/a/b/c': 'x', '/a/d': 'y', '/e/f': 'z', '/left/g': 'z' });
  const looks: string[] = [];
  const counted: Tree = {
    ...tree,
    lstat(path) {
      looks.push(`lstat ${path}`);
      return tree.lstat(path);
    },
    readdir(path) {
      looks.push(`readdir ${path}`);
      return tree.readdir(path);
    },
  };
  use(counted, 'left', copy('a'), copy('.', 3), copy('*/f', 4));
  const paths = ['/', '/a', '/a/b', '/a/b/c', '/a/d', '/e', '/e/f', '/left', '/left/g'];
  const folders = ['/', '/a', '/a/b', '/e', '/left'];
  assert.equal(
    looks.sort(),
    [...paths.map((path) => `lstat ${path}`), ...folders.map((path) => `readdir ${path}`)].sort(),
  );
  assert.equal(tree.digested, []);
});

test('figures are of all below, and add up', () => {
  const tree = memoryTree({ '/a/b/c': 'xx', '/a/d': 'y', '/e/f': 'zzz', '/left/g': 'zzzz' });
  const found = use(tree, 'left\n', copy('a/b'), copy('a', 3));
  const { root } = found.contexts[0]!;
  assert.equal(
    [root.kept, root.leftOut, root.unused].map(({ files, bytes }) => [files, bytes]),
    [
      [3, 6],
      [1, 4],
      [1, 3],
    ],
  );
  assert.equal(at(found, '/a/b/c').readers, [0, 1]);
  assert.equal(at(found, '/a/d').readers, [1]);
  assert.equal(
    found.steps.map(({ figures }) => figures),
    [
      { files: 1, bytes: 2 },
      { files: 2, bytes: 3 },
    ],
  );
});

test('what decides below a folder that nothing is taken back from is what decided about it', () => {
  const tree = memoryTree({ '/a/b/c.md': '', '/d/e': '', '/d/f': '', '/g': '' });
  const found = use(tree, '# c\na\n*.md\nd\n!d/e\n**/c.md\n');
  const rule = (path: string): number | undefined => found.contexts[0]!.rules[at(found, path).decider]?.line;
  assert.equal(['/a', '/a/b', '/a/b/c.md', '/d', '/d/e', '/d/f', '/g'].map(rule), [
    2,
    2,
    2,
    4,
    5,
    4,
    undefined,
  ]);
  assert.equal(
    ['/a', '/d', '/d/e', '/d/f'].map((path) => at(found, path).shown),
    [false, true, true, false],
  );
});

test('sockets are no part of a context, and what can not be listed is told', () => {
  const tree = memoryTree({ '/a': 'x', '/s': special('socket'), '/closed/b': 'x' });
  const closed: Tree = {
    ...tree,
    readdir(path) {
      if (path === '/closed') throw Object.assign(new Error('no'), { code: 'EACCES' });
      return tree.readdir(path);
    },
  };
  const found = use(closed, '', copy('.'));
  assert.equal(found.unreadable, ['/closed']);
  assert.equal(
    found.contexts[0]!.root.children.map(({ name }) => name),
    ['a', 'closed'],
  );
});

test('a source that is not there is a problem of its step, and what else that reads counts', () => {
  const step = copy('missing');
  step.reads.push(...copy('a').reads);
  const found = use(memoryTree({ '/a': 'x', '/b/c': 'x' }), 'b', step, copy('b/c', 3));
  assert.match(found.steps[0]!.problems.join(), /"\/missing": not found in the build context/);
  assert.equal(at(found, '/a').readers, [0]);
  assert.is(found.steps[1]!.problems.length, 1);
});

test.run();
