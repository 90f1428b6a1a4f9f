// What a git server says of its refs is taken as names of refs, and as nothing else.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseRef } from '../../src/source/git-refs.ts';
import { readSubmodules } from '../../src/source/git-submodules.ts';

const test = suite('git refs');
const commit = 'a'.repeat(40);

test('the default branch has the name that the server gives it', () => {
  const listing = `ref: refs/heads/main\tHEAD\n${commit}\tHEAD\n`;
  assert.equal(chooseRef(listing, undefined), { ref: 'refs/heads/main', commit, tag: undefined });
});

for (const name of [
  ...[
    '--upload-pack=touch /tmp/x',
    '+refs/heads/*:refs/slipway/*',
    'refs/heads/a:refs/slipway/b',
    'main',
    '',
  ],
  ...['refs/heads/../x', 'refs/heads/-x', 'refs/heads/a b', 'refs/heads/a\u001b[2J', 'refs/heads/*', 'refs/'],
])
  test(`a default branch ${JSON.stringify(name)} is no name: the commit is asked for by HEAD`, () => {
    const listing = `ref: ${name}\tHEAD\n${commit}\tHEAD\n`;
    assert.equal(chooseRef(listing, undefined), { ref: 'HEAD', commit, tag: undefined });
  });

test('a submodule needs a path and an address', () => {
  const listing = ['a.path\nx', 'a.url\n../a', 'b.path\ny', 'c.d.url\n../c', 'c.d.path\nz', 'c.d.branch\nw'];
  const text = listing.map((one) => `submodule.${one}\0`).join('');
  assert.equal(
    [...readSubmodules(text)],
    [
      ['x', '../a'],
      ['z', '../c'],
    ],
  );
});

test.run();
