import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSeenTree, listingOf } from '../../src/ops/seen-tree.ts';
import type { Tree } from '../../src/seams.ts';
import { memoryTree } from '../support/memory-tree.ts';

const test = suite('seen-tree');

/** A tree that counts how often each path is looked at. */
function counted(tree: Tree): { tree: Tree; looks: string[] } {
  const looks: string[] = [];
  return {
    looks,
    tree: {
      ...tree,
      lstat(path) {
        looks.push(path);
        return tree.lstat(path);
      },
      readdir(path) {
        looks.push(`${path} names`);
        return tree.readdir(path);
      },
    },
  };
}

test('each path is looked at once, whichever way it is asked for', () => {
  const { tree, looks } = counted(memoryTree({ '/d/a': 'one', '/d/b': 'two' }));
  const seen = createSeenTree(tree);
  assert.is(seen.lstat('/d/b')?.size, 3);
  const listing = listingOf(seen, '/d');
  assert.equal(listing.names, ['a', 'b']);
  for (const [index, path] of ['/d/a', '/d/b'].entries()) {
    assert.is(listing.path(index), path);
    assert.is(listing.entry(index), seen.lstat(path));
    assert.is(listing.entry(index), listingOf(seen, '/d').entry(index));
  }
  assert.equal(seen.readdir('/d'), ['a', 'b']);
  assert.equal(looks, ['/d/b', '/d names', '/d/a']);
});

test('what is not there stays so, in listed directories and elsewhere', () => {
  const { tree, looks } = counted(memoryTree({ '/d/a': '' }));
  const seen = createSeenTree(tree);
  seen.readdir('/d');
  for (const path of ['/d/b', '/none/x', '/d/b', '/none/x']) assert.is(seen.lstat(path), undefined);
  assert.equal(looks, ['/d names', '/d/b', '/none/x']);
});

test('the listing of any other tree says what that says', () => {
  const listing = listingOf(memoryTree({ '/d/a': 'x', '/d/b/c': '' }), '/d');
  assert.equal(
    listing.names.map((_, index) => [listing.path(index), listing.entry(index)?.type]),
    [
      ['/d/a', 'file'],
      ['/d/b', 'dir'],
    ],
  );
});

test.run();
