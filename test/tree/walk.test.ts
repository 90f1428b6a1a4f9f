import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { walkTree } from '../../src/tree/walk.ts';
import { dir, link, memoryTree } from '../support/memory-tree.ts';

const test = suite('walk');
const tree = memoryTree({ '/b/x': '', '/b/a': '', '/a-': '', '/a/f': '', '/l': link('b'), '/e': dir() });

test('a folder comes before what it holds, names sorted; links are not followed', () => {
  assert.equal(
    [...walkTree(tree, '/')].map(({ path }) => path),
    ['/', '/a', '/a/f', '/a-', '/b', '/b/a', '/b/x', '/e', '/l'],
  );
});

test('of a file it is the file alone, of nothing nothing', () => {
  assert.equal([...walkTree(tree, '/b/x')], [{ path: '/b/x', entry: tree.lstat('/b/x') }]);
  assert.equal([...walkTree(tree, '/none')], []);
});

test('what a folder holds is left out where it is not entered', () => {
  const seen = [...walkTree(tree, '/', ({ path }) => path !== '/b')].map(({ path }) => path);
  assert.equal(seen, ['/', '/a', '/a/f', '/a-', '/b', '/e', '/l']);
});

test.run();
