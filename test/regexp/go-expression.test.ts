// Go's regular expressions: what they match, what they are not, and that no text makes them endless.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { goExpression } from '../../src/regexp/go-expression.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('go expressions');

/** What is thrown at once, as a rejection. */
const refused = async (work: () => unknown, code: string, says?: RegExp): Promise<void> => {
  await rejects(Promise.resolve().then(work), code, says);
};

const found = (source: string, text: string): unknown => {
  const match = goExpression(source).exec(text);
  return match && [match.text, ...match.groups];
};

/** Expression, text, and the match with its groups. */
const matches: [string, string, string[] | undefined][] = [
  ['', 'abc', ['']],
  ['b+', 'abbc', ['bb']],
  ['b+?', 'abbc', ['b']],
  ['(a|ab)(c|bcd)', 'abcd', ['abcd', 'a', 'bcd']],
  ['^b', 'ab\nb', undefined],
  ['(?m)^b$', 'ab\nb', ['b']],
  ['a$', 'a\n', undefined],
  ['\\Aa\\z', 'a', ['a']],
  ['a.c', 'a\nc', undefined],
  ['(?s)a.c', 'a\nc', ['a\nc']],
  ['(?i)straße', 'STRAßE', ['STRAßE']],
  ['x(?i:y)z', 'xYz', ['xYz']],
  ['x(?i)y(?-i)z', 'xYZ', undefined],
  ['(?U)a+', 'aaa', ['a']],
  ['(?U)a+?', 'aaa', ['aaa']],
  ['(?P<year>\\d{4})-(?<month>\\d\\d)', 'in 2026-03', ['2026-03', '2026', '03']],
  ['a{2,3}', 'aaaa', ['aaa']],
  ['a{2}', 'a', undefined],
  ['a{,2}', 'a{,2}', ['a{,2}']],
  ['[^a-c\\d]+', 'a1xyb', ['xy']],
  ['[]a]+', 'x]a', [']a']],
  ['[a-]+', '-a', ['-a']],
  ['[[:^space:][:blank:]]+', 'a b\n', ['a b']],
  ['\\pL+', '1éß2', ['éß']],
  ['\\p{Greek}+\\P{Greek}', 'aλόγx', ['λόγx']],
  ['\\Qa.b*\\E+', 'a.b**', ['a.b**']],
  ['\\x41\\x{1F600}\\141', 'A\u{1f600}a', ['A\u{1f600}a']],
  ['.', '\u{1f600}', ['\u{1f600}']],
  ['\\bfoo\\b', 'a foo.', ['foo']],
  ['\\Boo', 'foo', ['oo']],
  ['(a*)*b', 'aab', ['aab', 'aa']],
  ['(?:)*{', '{', ['{']],
];

for (const [source, text, expected] of matches)
  test(`/${source}/ in ${JSON.stringify(text)}`, () => assert.equal(found(source, text), expected));

test('groups that took no part are undefined', () => {
  assert.equal(found('(a)|(b)', 'b'), ['b', undefined, 'b']);
});

test('an empty match right behind another is none, as in Go', () => {
  assert.equal(
    goExpression('a*')
      .all('baaau')
      .map(({ text, index }) => [text, index]),
    [
      ['', 0],
      ['aaa', 1],
      ['', 5],
    ],
  );
});

test('replaces with what groups took', () => {
  const { replaceAll } = goExpression('(?P<k>\\w)=(\\w)');
  assert.is(replaceAll('a=b, c=d', '${2}_$k$$$1x'), 'b_a$, d_c$');
  assert.is(goExpression('x*').replaceAll('abc', '-'), '-a-b-c-');
});

for (const source of [
  ...[
    '(',
    ')',
    '[a',
    '*a',
    'a**',
    'a{2}{3}',
    'a\\',
    '\\1',
    '(?=a)',
    '(?<!a)',
    '[b-a]',
    '\\p{Nope}',
    'a{3,2}',
  ],
  ...['[[:nope:]]', '(?P<a>x)(?P<a>y)', '\\x{110000}', 'a{1001}', '((a{1000}){1000}){1000}', '('.repeat(999)],
])
  test(`${JSON.stringify(source.slice(0, 20))} is refused`, () =>
    refused(() => goExpression(source), 'ERR_EXPANSION'));

test('no text makes an expression endless', () => {
  const text = `${'a'.repeat(5000)}!`;
  for (const source of ['(a+)+$', '(a|aa)+$', '(a*)*b', '(.*)(.*)(.*)(.*)x', '((((a*)*)*)*)*c'])
    assert.is(goExpression(source).exec(text), undefined);
});

test('what would take too long is refused: each match looks at all that follows', async () => {
  await refused(() => goExpression('a.*b|a').all('a'.repeat(20_000)), 'ERR_EXPANSION', /takes too long/);
  await refused(
    () => goExpression('a').replaceAll('a'.repeat(100_000), 'x'.repeat(1000)),
    'ERR_EXPANSION',
    /more than 16 MiB/,
  );
});

test('finds what the engine of JavaScript finds, where both have the same syntax', () => {
  const sign = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\d', '\\w', '^', '$', '\\b');
  const { expression } = fc.letrec<{ expression: string; part: string }>((tie) => ({
    part: fc.oneof(
      { depthSize: 'small' },
      sign,
      fc
        .tuple(
          fc.constantFrom('a', 'b', '[ab]', '.'),
          fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{1,2}'),
        )
        .map((two) => two.join('')),
      tie('expression').map((one) => `(?:${one})`),
      tie('expression').map((one) => `(${one})`),
    ),
    expression: fc.oneof(
      fc.array(tie('part'), { maxLength: 4 }).map((list) => list.join('')),
      fc.tuple(tie('part'), tie('part')).map((two) => two.join('|')),
    ),
  }));
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', '1', ' ', '\n'), { maxLength: 12 })
    .map((list) => list.join(''));
  fc.assert(
    fc.property(expression, text, (source, input) => {
      const expected = new RegExp(source, 'u').exec(input);
      const match = goExpression(source).exec(input);
      assert.equal(
        match ? [match.index, match.text, ...match.groups] : null,
        expected && [expected.index, ...expected],
        source,
      );
    }),
    { numRuns: 3000, seed: 8 },
  );
});

test.run();
