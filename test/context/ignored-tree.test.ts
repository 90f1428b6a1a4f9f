import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createIgnoredTree } from '../../src/context/ignored-tree.ts';
import { createIgnoreMatcher } from '../../src/dockerfile/ignore.ts';
import { walkTree } from '../../src/tree/walk.ts';
import { dir, link, memoryTree } from '../support/memory-tree.ts';

const test = suite('ignored-tree');
const files = {
  '/Dockerfile': '',
  '/node_modules/a/index.js': '',
  '/node_modules/keep/x.js': '',
  '/node_modules/keep/sub/y.js': '',
  '/src/a.log': '',
  '/src/a.ts': '',
  '/link': link('src'),
  '/empty': dir(),
};
const ignored = (...lines: string[]) =>
  createIgnoredTree(memoryTree(files), createIgnoreMatcher(lines.join('\n')));
const paths = (...lines: string[]) => [...walkTree(ignored(...lines), '/')].map(({ path }) => path);

test('what is ignored is not there: not listed, not found', () => {
  assert.equal(paths('node_modules', '**/*.log'), [
    '/',
    '/Dockerfile',
    '/empty',
    '/link',
    '/src',
    '/src/a.ts',
  ]);
  const tree = ignored('node_modules');
  assert.is(tree.lstat('/node_modules'), undefined);
  assert.is(tree.lstat('/node_modules/a/index.js'), undefined);
  assert.equal(tree.readdir('/node_modules'), []);
});

test('a folder that is left out stays where something below it is taken in again', () => {
  assert.equal(paths('node_modules', '!node_modules/keep', 'src', 'link', 'empty'), [
    '/',
    '/Dockerfile',
    '/node_modules',
    '/node_modules/keep',
    '/node_modules/keep/sub',
    '/node_modules/keep/sub/y.js',
    '/node_modules/keep/x.js',
  ]);
});

test('and goes where nothing of that exists, or is a file', () => {
  assert.not(paths('node_modules', '!node_modules/none').includes('/node_modules'));
  assert.not(paths('*', '!empty/x', '!link/x').includes('/empty'));
  assert.not(paths('*', '!link/x').includes('/link'));
});

test('all but a few: the usual list of what may go in', () => {
  assert.equal(paths('**', '!src/*.ts', '!Dockerfile'), ['/', '/Dockerfile', '/src', '/src/a.ts']);
});

test('the root is always there, and without patterns all is', () => {
  assert.equal(paths('**'), ['/']);
  assert.is(paths('').length, [...walkTree(memoryTree(files), '/')].length);
});

test('a folder that is ignored for good is not looked into', () => {
  const tree = memoryTree(files);
  const read: string[] = [];
  const counted = {
    ...tree,
    readdir(path: string) {
      read.push(path);
      return tree.readdir(path);
    },
  };
  const view = createIgnoredTree(counted, createIgnoreMatcher('node_modules\n!src/x'));
  assert.equal([...walkTree(view, '/')].length > 1, true);
  assert.not(
    read.some((path) => path.startsWith('/node_modules')),
    read.join(' '),
  );
});

test.run();
