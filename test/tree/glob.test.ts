import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expandPattern, nameMatcher } from '../../src/tree/glob.ts';
import { hasWildcard, unescapePattern } from '../../src/tree/pattern.ts';
import { throws } from '../dockerfile/throws.ts';
import { dir, link, memoryTree } from '../support/memory-tree.ts';

const test = suite('glob');

test('a wildcard counts unless it is escaped', () => {
  for (const pattern of ['*', 'a?', '[x]', '\\\\*', 'a\\*b*']) assert.ok(hasWildcard(pattern), pattern);
  for (const pattern of ['', 'a', '\\*', 'a\\?', '\\[x]', '\\\\', '{a,b}'])
    assert.not(hasWildcard(pattern), pattern);
});

test('escapes are taken away, of a backslash too', () => {
  assert.is(unescapePattern('a\\*\\\\b'), 'a*\\b');
  assert.is(unescapePattern('plain'), 'plain');
});

const table: [pattern: string, matches: string[], others: string[]][] = [
  ['*', ['a', '.a', 'a b', 'é', '{}', '#', '!'], ['a/b']],
  ['a*', ['a', 'ab', 'a.b'], ['ba', '']],
  ['*.txt', ['a.txt', '.txt'], ['a.txt2', 'txt']],
  ['?', ['a', '*', 'é', '字'], ['', 'ab', '/']],
  ['[a-c]x', ['ax', 'cx'], ['dx', 'x', '-x']],
  ['[^a-c]', ['d', '^'], ['a', 'c', '']],
  ['[!a]', ['!', 'a'], ['b']],
  ['[\\]a]', [']', 'a'], ['\\']],
  ['[a\\-c]', ['a', '-', 'c'], ['b']],
  ['\\*', ['*'], ['a', '\\*']],
  ['a\\\\b', ['a\\b'], ['ab', 'a\\\\b']],
  ['{a,b}', ['{a,b}'], ['a', 'b']],
  ['+(a)', ['+(a)'], ['a', 'aa']],
  ['!a', ['!a'], ['b']],
  ['#a', ['#a'], ['']],
  ['**', ['a', '.a'], ['a/b']],
  ['a**c', ['ac', 'abc'], ['ab']],
];

test("one name matches as Go's filepath.Match says: no braces, no negation but ^, dots like all signs", () => {
  for (const [pattern, matches, others] of table) {
    for (const name of matches) assert.ok(nameMatcher(pattern)(name), `${pattern} matches ${name}`);
    for (const name of others) assert.not(nameMatcher(pattern)(name), `${pattern} does not match ${name}`);
  }
});

test('a question mark is one character, whatever its length in UTF-16', () => {
  assert.ok(nameMatcher('?')('😀'));
  assert.ok(nameMatcher('a?b')('a😀b'));
  assert.not(nameMatcher('??')('😀'));
});

/** filepath.Match of one name, by backtracking. */
function goMatch(pattern: string[], name: string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return name.length === 0;
  if (first === '*') return goMatch(rest, name) || (name.length > 0 && goMatch(pattern, name.slice(1)));
  const [sign, ...more] = name;
  if (sign === undefined) return false;
  const fits =
    first === '?' ||
    first === sign ||
    first === `\\${sign}` ||
    (first === '[^a]' ? sign !== 'a' : first === '[ab]' && 'ab'.includes(sign));
  return fits && goMatch(rest, more);
}

test('below a file a wildcard matches nothing, as it does in an empty folder', () => {
  const tree = memoryTree({ '/f': 'x', '/to': link('f'), '/d': dir() });
  for (const pattern of ['/f/*', '/to/a*', '/d/*', '/f/*/x', '/f/x/*'])
    assert.equal(expandPattern(tree, pattern), []);
  throws(() => expandPattern(tree, '/d/x/*'), 'ERR_SOURCE_NOT_FOUND');
});

test('any pattern matches what a second, simple matcher says', () => {
  const pattern = fc.array(
    fc.constantFrom('*', '?', 'a', 'b', '.', '-', '{', '!', '\\*', '\\?', '[^a]', '[ab]'),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  const name = fc.array(fc.constantFrom('a', 'b', '.', '*', '?', '-', '{', '!'), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(pattern, name, (p, n) => {
      fc.pre(!['.', '..'].includes(n.join('')));
      assert.is(nameMatcher(p.join(''))(n.join('')), goMatch(p, n), `${p.join('')} on ${n.join('')}`);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

const tree = memoryTree({
  '/src/a/x.txt': '',
  '/src/b/x.txt': '',
  '/src/b/y.md': '',
  '/src/top.txt': '',
  '/src/.hidden': '',
  '/src/b/[z].txt': '',
  '/link': link('src'),
  '/src/dirlink': link('a'),
  '/src/empty': dir(),
});
const expand = (pattern: string) => expandPattern(tree, pattern);

test('a pattern names paths in order, part by part', () => {
  assert.equal(expand('/src/*.txt'), ['/src/top.txt']);
  assert.equal(expand('/src/*/x.txt'), ['/src/a/x.txt', '/src/b/x.txt']);
  assert.equal(expand('/s*/[ab]/*'), ['/src/a/x.txt', '/src/b/[z].txt', '/src/b/x.txt', '/src/b/y.md']);
  assert.equal(expand('/src/.h*'), ['/src/.hidden']);
});

test('two stars are one: they do not cross a slash', () => {
  assert.equal(expand('/src/**/x.txt'), ['/src/a/x.txt', '/src/b/x.txt']);
  assert.equal(expand('/**'), ['/link', '/src']);
});

test('a link before the first wildcard is followed, one that a wildcard matches is not gone through', () => {
  assert.equal(expand('/link/*.txt'), ['/src/top.txt']);
  assert.equal(expand('/src/dir*/x.txt'), []);
  assert.equal(expand('/src/dir*'), ['/src/dirlink']);
});

test('without a match there is none; without a wildcard it is the path, there or not', () => {
  assert.equal(expand('/src/*.c'), []);
  assert.equal(expand('/none/x'), ['/none/x']);
  assert.equal(expand('/src/b/\\[z].txt'), ['/src/b/[z].txt']);
  assert.equal(expand('/'), ['/']);
});

test('a wildcard below what is no directory is an error that names it', () => {
  for (const pattern of ['/none/*', '/src/none/*/x']) {
    throws(() => expand(pattern), 'ERR_SOURCE_NOT_FOUND', /none: no such file/);
  }
});

test.run();
