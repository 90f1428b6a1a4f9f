// Folders of a repository that a Git URL names, as contexts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { remoteContext } from '../../src/bake/remote-definition.ts';
import { parseGitReference } from '../../src/graph/git-reference.ts';

const test = suite('remote bake definition');
const git = (url: string, path: string): string => remoteContext(path, { url, kind: 'git' }, undefined);

for (const [url, path, expected] of [
  ['https://h.test/a.git', '.', 'https://h.test/a.git'],
  ['https://h.test/a.git', './', 'https://h.test/a.git'],
  ['https://h.test/a.git', 'x/./y/', 'https://h.test/a.git#:x/y'],
  ['https://h.test/a.git#v1', 'x', 'https://h.test/a.git#v1:x'],
  ['https://h.test/a.git#v1:sub', 'x/..', 'https://h.test/a.git#v1:sub'],
  ['https://h.test/a.git#v1:sub', 'x', 'https://h.test/a.git#v1:sub/x'],
  ['https://h.test/a.git#v1:', 'x', 'https://h.test/a.git#v1:x'],
  ['https://h.test/a.git?branch=main', 'x', 'https://h.test/a.git?branch=main#:x'],
  ['git@h.test:a.git', 'a b%', 'git@h.test:a.git#:a%20b%25'],
] as const) {
  test(`${path} of ${url}`, () => assert.is(git(url, path), expected));
}

test('a folder in the query is joined with', () => {
  const reference = parseGitReference(git('https://h.test/a.git?branch=main&subdir=one', 'two'));
  assert.is(reference?.subdir, 'one/two');
  assert.is(reference?.ref, 'refs/heads/main');
});

test('names with signs of their own come through', () => {
  assert.is(parseGitReference(git('https://h.test/a.git#v1', 'a b%/c#d:e'))?.subdir, 'a b%/c#d:e');
});

test.run();
