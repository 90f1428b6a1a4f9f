// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expandHeredoc, expandWord, expandWords } from '../../src/dockerfile/expand.ts';
import { throws } from './throws.ts';

const test = suite('expand');
const values: Record<string, string> = {
  set: 's',
  empty: '',
  v: 'foobarfoobaz',
  path: 'foo/bar/foo.baz',
  odd: 'a.b+c[d]|e(f)',
  stars: 'x*y*z',
  words: ' 80  443/udp ',
  raw: '$set "q" \\n',
  lines: 'a\nb',
  é: 'accent',
};
const env = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);
const expand = (word: string) => expandWord(word, env, { escape: '\\' });

const cases: [string, string][] = [
  ['$set-$set_x$set.x/${set}_x', 's-s.x/s_x'],
  ['[$nope][${nope}]', '[][]'],
  ['5$ $ $.', '5$ $ $.'],
  ['[$$][$1][$@][$?][$12x][$#]', '[][][][][x][]'],
  ['$é', 'accent'],
  ['\\$set \\${set} \'$set\' "$set" "\\$set" \\\\$set x\\y "x\\y"', '$set ${set} $set s $set \\s xy x\\y'],
  ['a"b c"d\'e"f\'', 'ab cde"f'],
  ['end\\', 'end'],
  ['${set:-w}${empty:-w}${nope:-w} ${set-w}${empty-w}${nope-w}', 'sww sw'],
  ['${set:+w}${empty:+w}${nope:+w} ${set+w}${empty+w}${nope+w}', 'w ww'],
  ['${set:?w}${set?w}${empty?w}', 'ss'],
  ['${nope:-${nope:-$set}1} "${nope:-$set b}"', 's1 s b'],
  ['"${nope:-\'q\'}" ${nope:-"a  b"} "${nope:-"in"}"', 'q a  b in'],
  [
    '${v#foo}|${v#f*o}|${v##f*o}|${v#x}|${v#*}|${v##*}|${v#?oo}|${v##*bar}',
    'barfoobaz|obarfoobaz|baz|foobarfoobaz|foobarfoobaz||barfoobaz|foobaz',
  ],
  [
    '${v%baz}|${v%b*}|${v%%b*}|${v%x}|${v%%*}|${v%ba?}|${v%%o*z}',
    'foobarfoo|foobarfoo|foo|foobarfoobaz||foobarfoo|f',
  ],
  ['${v#}${v##}${v%}${v%%}', 'foobarfoobaz'.repeat(4)],
  [
    '${path/foo/x}|${path//foo/x}|${path//o/}|${path/nope/x}|${path/b?r/_}|${path/f*b/_}',
    'x/bar/foo.baz|x/bar/x.baz|f/bar/f.baz|foo/bar/foo.baz|foo/_/foo.baz|_az',
  ],
  [
    '${path/\\//-}|${path//\\//::}|${stars/\\*/-}|${stars//\\*/+}|${path//bar/\\}}',
    'foo-bar/foo.baz|foo::bar::foo.baz|x-y*z|x+y+z|foo/\\}/foo.baz',
  ],
  [
    '${odd#a.b}|${odd#axb}|${odd//[d]/_}|${odd//|/_}|${odd//+/$set$}|${odd%(f)}',
    '+c[d]|e(f)|a.b+c[d]|e(f)|a.b+c_|e(f)|a.b+c[d]_e(f)|a.bs$c[d]|e(f)|a.b+c[d]|e',
  ],
  ['${stars#${nope:-x}\\*}', 'y*z'],
  ['${lines#*}|${lines##*}', 'a\nb|\nb'],
  ['$raw "$raw"', '$set "q" \\n $set "q" \\n'],
];
for (const [word, expected] of cases) test(word, () => assert.is(expand(word), expected));

const faults: [string, RegExp][] = [
  ['${A:=x}', /failed to process "\$\{A:=x\}": unsupported modifier \(:=\) in substitution/],
  ['${A^^}', /unsupported modifier \(\^\)/],
  ['${A', /missing '\}'/],
  ['${A:-x', /missing '\}'/],
  ['${', /missing '\}'/],
  ['${}', /bad substitution/],
  ['${{A}}', /bad substitution/],
  ['${:x}', /bad substitution/],
  ['${v/a}', /missing \//],
  ['${v/a/b', /missing '\}'/],
  ['${v#\\x}', /invalid pattern \(\\x\) in substitution: invalid escape '\\x'/],
  ["'x", /matching single-quote/],
  ['"x', /matching double-quote/],
  ['${nope?}', /nope: is not allowed to be unset/],
  ['${empty:?}', /empty: is not allowed to be empty/],
  ['"${nope:?pick a release}"', /nope: pick a release\n.*--build-arg nope=/],
];
for (const [word, says] of faults)
  test(`refuses ${word}`, () => {
    throws(() => expand(word), 'ERR_EXPANSION', says);
  });

test('with a backtick as escape a backslash is an ordinary sign', () => {
  assert.is(expandWord('C:\\$set `$set', env, { escape: '`' }), 'C:\\s $set');
});

test('values part into words, quoted ones do not, and empty words vanish', () => {
  const words = (text: string) => expandWords(text, env, { escape: '\\' });
  assert.equal(words('$words 22'), ['80', '443/udp', '22']);
  assert.equal(words('"$words" a\\ b \'c d\''), [' 80  443/udp ', 'a b', 'c d']);
  assert.equal(words('$nope "" $empty'), []);
  assert.equal(words('x$words'), ['x', '80', '443/udp']);
});

test('a heredoc keeps quotes, drops backslashes and expands modifiers', () => {
  assert.is(
    expandHeredoc('a\\b c\\\\d \\$set "$set" \'$set\' ${nope:-"d"} it\'s\n', env),
    'ab c\\d $set "s" \'s\' "d" it\'s\n',
  );
});

test('tells of variables that are unset unless their modifier expects it', () => {
  const unset: string[] = [];
  expandWord('$a ${b} ${c:-x} ${d+x} ${e#x} ${f/x/y} $set', env, {
    escape: '\\',
    onUnset: (name) => unset.push(name),
  });
  assert.equal(unset, ['a', 'b', 'e', 'f']);
});

test('many stars in a pattern take no exponential time', () => {
  const long = 'a'.repeat(2000);
  assert.is(
    expandWord(`\${x#${'*a'.repeat(30)}b}`, () => long, { escape: '\\' }),
    long,
  );
});

test('what would come to too much is refused', () => {
  const long = 'a'.repeat(100_000);
  const big = (word: string): string => expandWord(word, () => long, { escape: '\\' });
  throws(() => big('${x//a/$x}'), 'ERR_EXPANSION', /longer than 16 MiB/);
  throws(() => big('${x///$x}'), 'ERR_EXPANSION', /longer than 16 MiB/);
  throws(() => big(`\${x##${'*a'.repeat(2000)}b}`), 'ERR_EXPANSION', /takes too long/);
  throws(() => big(`\${x%%b${'*a'.repeat(2000)}}`), 'ERR_EXPANSION', /takes too long/);
  throws(() => big(`\${x//${'*a'.repeat(2000)}b/}`), 'ERR_EXPANSION', /takes too long/);
  const budget = { left: 250_000 };
  const options = { escape: '\\', budget } as const;
  assert.is(expandWord('$x', () => long, options).length, 100_000);
  assert.is(expandHeredoc('$x', () => long, { budget }).length, 100_000);
  throws(() => expandWord('$x', () => long, options), 'ERR_EXPANSION', /variables of the file/);
});

test.run();
