import * as fc from 'fast-check';
import { minimatch } from 'minimatch';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createIgnoreMatcher,
  createPatternMatcher,
  readIgnoreLines,
  readIgnorePatterns,
} from '../../src/dockerfile/ignore.ts';
import { compilePattern } from '../../src/dockerfile/ignore-pattern.ts';
import { throws } from './throws.ts';

const test = suite('ignore');

/** [title, ignore file, ignored paths, kept paths] */
const cases: [string, string, string[], string[]][] = [
  [
    'a pattern counts from the root',
    'secret\n*.tmp',
    ['secret', 'secret/a/b', 'x.tmp'],
    ['a/secret', 'a/x.tmp'],
  ],
  ['comments and blanks', '# c\n\n   \n #a\n b ', ['#a', 'b'], ['c', '# c']],
  [
    'a double star reaches every depth',
    '**/*.log\n**/nm',
    ['a.log', 'a/b.log', 'nm', 'a/nm/b'],
    ['anm', 'nm2'],
  ],
  ['a double star inside', 'a/**/b\nc**d', ['a/b', 'a/x/b', 'a/x/y/b/z', 'cd', 'c/x/d'], ['a/xb', 'b']],
  ['a plain double star in front is a suffix', '**foo', ['foo', 'xfoo', 'a/xfoo'], ['foox']],
  ['a double star behind a folder spares it', 'd/**', ['d/a', 'd/a/b'], ['d']],
  ['a star behind a folder spares it', 't/cache/*', ['t/cache/a', 't/cache/b/c'], ['t/cache']],
  ['everything', '*', ['a', '.b', 'a/b'], []],
  ['an allow list', '*\n!keep\n!only.txt', ['x', 'x/keep'], ['keep', 'keep/deep/f', 'only.txt']],
  ['a deep exception', '*\n!v/m/LICENSE', ['v', 'v/m', 'v/m/code'], ['v/m/LICENSE']],
  ['the last match wins', '**/*.md\n!README*.md\nREADME-x.md', ['a.md', 'README-x.md'], ['README.md']],
  ['an exception parted again', '**\n!app\napp/test', ['app/test', 'app/test/t', 'o'], ['app', 'app/main']],
  ['a later match of a folder that is left out already changes nothing', 'a\n!a/b\na*', ['a'], ['a/b']],
  [
    'an exception for a folder does not take back a file in it',
    '**/*.md\n!a/b/',
    ['a/b/3.md'],
    ['a/b', 'a/b/x'],
  ],
  [
    'question marks and classes',
    'f[0-9]\nf[^b-z]\nh?\nx[\\]]',
    ['f1', 'fa', 'h1', 'x]'],
    ['fb', 'f10', 'h', 'f/'],
  ],
  [
    'slashes and dots are cleaned',
    '/one\ntwo/\n./three\n t//four \nt/x/../five',
    ['one', 'two/a', 'three', 't/four', 't/five'],
    ['t/one'],
  ],
  ['nothing leads outside', '.\n../t/a\n/', [], ['t/a', 'a']],
  ['blanks inside and behind !', 'my file\nd/*\n! d/k', ['my file', 'd/x'], ['my', 'd/k']],
  [
    'a byte order mark and CRLF',
    '\ufefft/one\r\n# n\r\nt/*\r\n!t/keep\r\n',
    ['t/one', 't/two'],
    ['t/keep', '\ufefft'],
  ],
  [
    'signs of other languages',
    'a+(b)\n{c,d}\n[!e]\nf\\*',
    ['a+(b)', '{c,d}', '!', 'e', 'f*'],
    ['ab', 'c', 'x', 'fx'],
  ],
  ['case counts', 'Temp', ['Temp'], ['temp']],
  ['no file', '', [], ['a', '.dockerignore']],
];
for (const [title, text, ignored, kept] of cases) {
  test(title, () => {
    const matcher = createIgnoreMatcher(text);
    for (const path of ignored) assert.is(matcher.ignores(path), true, path);
    for (const path of kept) assert.is(matcher.ignores(path), false, path);
  });
}

for (const pattern of ['!', '[', '[]a]', '[a', '[a-', '[z-a]', 'a\\', '!  ']) {
  test(`refuses ${pattern}`, () => {
    throws(() => createIgnoreMatcher(pattern), 'ERR_SYNTAX', /invalid pattern/);
  });
}

test('a folder can be skipped where no exception reaches into it', () => {
  const { mayIncludeBelow } = createIgnoreMatcher('!early/x\n*\n!keep/deep/*.txt\n!src/**/x\n!w*');
  const dirs = [
    'early',
    'other',
    'keep',
    'keep/deep',
    'keep/deep/er',
    'keep/other',
    'src',
    'src/a/b',
    'w1',
    'w1/a',
  ];
  const open = dirs.filter(mayIncludeBelow);
  assert.equal(open, ['keep', 'keep/deep', 'src', 'src/a/b', 'w1', 'w1/a']);
});

test('patterns are read with ! in front and slashes cleaned', () => {
  assert.equal(readIgnorePatterns('a/\n! /b//c\n/\n#x\n'), ['a', '!b/c', '/']);
});

const name = fc.constantFrom('a', 'b', 'ab', 'a.b', '.c');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const part = fc.constantFrom('a', 'b', 'ab', '*', '**', 'a*', '?b', '[ab]', '[^a]', '.c', '*.b');
const pattern = fc
  .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }))
  .map(([negated, parts]) => `${negated ? '!' : ''}${parts.join('/')}`);

const opposite = (text: string): string => (text.startsWith('!') ? text.slice(1) : `!${text}`);

const lengthened = (one: string) =>
  one.split('/').map((_, index, names) => names.slice(0, index + 1).join('/'));

/** The rule: from the topmost folder down, each pattern that would change something decides, for all that lies below. */
function naive(patterns: string[], wanted: string): boolean {
  let decided = patterns.map(() => false);
  let ignored = false;
  for (const path of lengthened(wanted)) {
    ignored = false;
    decided = patterns.map((text, index) => {
      const { negated, matches } = compilePattern(text);
      const hit = decided[index]! || (negated === ignored && matches(path));
      if (hit) ignored = !negated;
      return hit;
    });
  }
  return ignored;
}

test('agrees with the rule taken word by word', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), fc.array(path, { maxLength: 5 }), (patterns, paths) => {
      const matcher = createPatternMatcher(patterns);
      for (const one of paths) assert.is(matcher.ignores(one), naive(patterns, one));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('patterns that are there many times decide as each of them in turn would', () => {
  const few = fc.uniqueArray(pattern, { minLength: 1, maxLength: 3 });
  const lists = few.chain((some) =>
    fc.array(fc.constantFrom(...some, ...some.map(opposite)), { maxLength: 12 }),
  );
  fc.assert(
    fc.property(lists, fc.array(path, { maxLength: 5 }), (patterns, paths) => {
      const matcher = createPatternMatcher(patterns);
      for (const one of paths) assert.is(matcher.ignores(one), naive(patterns, one), `${patterns} on ${one}`);
    }),
    { seed: 4, numRuns: 1000 },
  );
});

test('thousands of lines that repeat each other are no more work than a few', () => {
  const paths = [`${'a/'.repeat(60)}b.md`, `${'a/'.repeat(60)}b`, 'src/x.md'];
  const lines = ['**', '!src/**', '!**/*.md', '*/*/*a*b', 'a?b/[a-z]*'];
  const once = createPatternMatcher(lines);
  const often = createPatternMatcher(Array.from({ length: 5000 }, () => lines).flat());
  for (const one of paths) {
    assert.is(often.ignores(one), once.ignores(one));
    assert.is(often.mayIncludeBelow(one), once.mayIncludeBelow(one));
  }
});

test('agrees with minimatch where both languages are one', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), path, (parts, one) => {
      const text = parts.join('/');
      // Here `**` at the end wants something below, and next to another it stands for as many folders as both.
      const expected = lengthened(one).some((above) =>
        minimatch(above, text, { dot: true, nocomment: true }),
      );
      if (text.endsWith('**')) return;
      assert.is(createPatternMatcher([text]).ignores(one), expected, `${text} on ${one}`);
    }),
    { seed: 2, numRuns: 1000 },
  );
});

test('never says that a folder can be skipped which holds something taken back', () => {
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 5 }), path, (patterns, one) => {
      const matcher = createPatternMatcher(patterns);
      if (matcher.ignores(one)) return;
      for (const above of lengthened(one).slice(0, -1)) {
        assert.ok(
          !matcher.ignores(above) || matcher.mayIncludeBelow(above),
          `${patterns} hides ${one} below ${above}`,
        );
      }
    }),
    { seed: 3, numRuns: 1000 },
  );
});

test('the pattern that decides is the last that matches and has something to decide', () => {
  const matcher = createIgnoreMatcher('a\n*.md\n!a/keep\nb*\nb');
  const decided = (path: string): number => matcher.decider(path);
  assert.equal(
    ['a', 'a/x', 'a/keep', 'a/keep/y', 'x.md', 'b', 'b/x', 'c'].map(decided),
    [0, 0, 2, 2, 1, 3, 3, -1],
  );
});

test('lines keep their numbers and what is written in them', () => {
  assert.equal(readIgnoreLines('# c\n\n  a/ \r\n!/b\n'), [
    { pattern: 'a', line: 3, text: 'a/' },
    { pattern: '!b', line: 4, text: '!/b' },
  ]);
});

test('patterns with many stars match long paths in time that grows with both, and as with few', () => {
  const word = fc.constantFrom('a', 'b', '/', '*', '*', '**', '**/', '?', '[a-b]', '[^b]', '\\*');
  const parts = fc.array(word, { minLength: 3, maxLength: 6 });
  const path = fc.array(fc.constantFrom('a', 'b', '/', '*'), { minLength: 1, maxLength: 8 });
  const stars = (list: readonly string[]): number => list.filter((one) => one.startsWith('*')).length;
  fc.assert(
    fc.property(parts, path, (pattern, text) => {
      // All ways are tried in a short path; with so many folders in front, all at once.
      fc.pre(stars(pattern) <= 4);
      const matches = (front: string): boolean =>
        compilePattern(front + pattern.join('')).matches(front + text.join(''));
      assert.is(matches('x/'.repeat(300)), matches('x/'), `${pattern.join('')} ${text.join('')}`);
    }),
    { numRuns: 3000, seed: 5 },
  );
  const huge = createIgnoreMatcher(
    `${'**a*?'.repeat(10_000)}\n${'*/**'.repeat(10_000)}\n${'a***'.repeat(100)}b`,
  );
  assert.is(huge.ignores('a'.repeat(250)), false);
  assert.is(huge.ignores(`${'a'.repeat(250)}b`), true);
  const matcher = createIgnoreMatcher(`${'*a'.repeat(40)}*b\n${'**/a*'.repeat(20)}z\n`);
  assert.is(matcher.ignores('a'.repeat(250)), false);
  assert.is(matcher.ignores(`${'a'.repeat(250)}b`), true);
  assert.is(matcher.ignores('a/'.repeat(120)), false);
});

test('any number of ! in front of a pattern is read', () => {
  assert.is(readIgnorePatterns('!'.repeat(100_000))[0]?.length, 100_000);
});

test.run();
