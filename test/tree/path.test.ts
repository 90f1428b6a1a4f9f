import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ancestors, baseName, childPath, cleanPath, layerPath, parentPath } from '../../src/tree/path.ts';

const test = suite('path');

test('paths are made absolute and clean, and end at the root', () => {
  for (const path of ['', '/', '.', '..', '/../..', 'a/..', '//']) assert.is(cleanPath(path), '/', path);
  assert.is(cleanPath('a//b/./c/../d/'), '/a/b/d');
});

test('a name is joined to its folder, and parted from it', () => {
  assert.is(childPath('/', 'a'), '/a');
  assert.is(childPath('/a', 'b'), '/a/b');
  assert.is(parentPath('/a/b'), '/a');
  assert.is(parentPath('/a'), '/');
  assert.is(parentPath('/'), '/');
  assert.is(baseName('/a/b'), 'b');
  assert.is(baseName('/'), '');
  assert.is(layerPath('/a/b'), 'a/b');
});

test('the folders above come from the root down; the root has none', () => {
  assert.equal(ancestors('/a/b/c'), ['/', '/a', '/a/b']);
  assert.equal(ancestors('/a'), ['/']);
  assert.equal(ancestors('/'), []);
});

test.run();
