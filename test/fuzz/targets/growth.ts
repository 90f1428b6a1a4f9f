// Few lines that come to much: variables made of variables, patterns of many stars, functions of bake files.
import { readBake } from '../../../src/bake/read-bake.ts';
import { createIgnoreMatcher } from '../../../src/dockerfile/ignore.ts';
import { compilePattern } from '../../../src/dockerfile/ignore-pattern.ts';
import { createStepMatcher } from '../../../src/dockerfile/ignore-steps.ts';
import { readTokens } from '../../../src/dockerfile/ignore-tokens.ts';
import { isSlipwayError } from '../../../src/errors.ts';
import { lintText } from '../../../src/lint/lint-text.ts';
import { goExpression } from '../../../src/regexp/go-expression.ts';
import { bakeInput } from '../../bake/bake-input.ts';
import { planned } from '../../graph/plan-setup.ts';
import { type FuzzTarget, must, texts } from '../fuzz-target.ts';

async function attempt<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    return undefined;
  }
}

const doubled = `ENV A=aaaaaaaaaaaaaaaa\n${'ENV A=$A$A\n'.repeat(12)}`;

const expansions: FuzzTarget = {
  name: 'expansions',
  corpus: () =>
    texts(
      `FROM a\n${doubled}ENV B=\${A//a/$A} C=\${A///x}\n`,
      `FROM a\n${doubled}ENV B=\${A##*a*a*a*b} C=\${A%b*a*a*} D=\${A/a*b/x}\n`,
      `FROM a\n${doubled}LABEL a=$A b=\${A:-$A$A} c=\${B:+$A}\n`,
      `FROM a\n${doubled}COPY <<EOF /x\n$A$A\${A//a/$A}\nEOF\n`,
      `ARG A=aaaaaaaaaaaaaaaa\n${'ARG A=$A$A\n'.repeat(12)}FROM a:$A\nARG A\nRUN --mount=type=cache,target=/$A true\n`,
      'FROM a\nENV A=${A:-${A:-${A:-${A:-x}}}}\n',
    ),
  words: [
    'ENV A=$A$A\n',
    '$A',
    '${A//a/$A}',
    '${A//',
    '*a',
    '?',
    '/',
    '}',
    '${A:-',
    '${A%%',
    '${A##*',
    'ARG A\n',
    'EOF\n',
    '\\',
    '"',
  ],
  async run(input) {
    const text = input.toString('utf8');
    await attempt(() => planned(text));
    lintText(text.slice(0, 20_000), 'Dockerfile');
  },
};

/** Each folder of a path is matched, too: the time is that of pattern times path, times its depth. */
const deep = [
  'a/'.repeat(500),
  'a'.repeat(255),
  `${'ab/'.repeat(330)}c`,
  `${'a'.repeat(200)}/${'a'.repeat(200)}b`,
];
const short = ['a', 'a/b', 'ab/a.b/c', 'b', '', 'a/a/a/b', '-', ']'];

const stars: FuzzTarget = {
  name: 'ignore-stars',
  corpus: () =>
    texts(
      '*a*a*a*a*a*a*b',
      '**/a/**/a/**/a/**/b',
      '!**/a*/**/*b',
      '[a-z]*[!a]?**',
      'a**b**c**',
      '*?*?*?*?*?x',
    ),
  words: ['*', '**', '**/', '?', '[a-b]', '[^a]', 'a', '/', '!', '\\', '\n', '*a*', '-', ']'],
  async run(input) {
    const text = input.subarray(0, 2048).toString('utf8');
    const matcher = await attempt(() => createIgnoreMatcher(text));
    for (const path of deep) {
      matcher?.ignores(path);
      matcher?.mayIncludeBelow(path);
    }
    const line = text.split('\n', 1)[0]!.slice(0, 40);
    const pattern = await attempt(() => compilePattern(line));
    if (pattern === undefined || (line.startsWith('**') && line[2] !== '/')) return;
    const steps = createStepMatcher(readTokens(line.replace(/^!/, ''), line));
    for (const path of short)
      must(
        pattern.matches(path) === steps(path),
        `${JSON.stringify(line)} and ${JSON.stringify(path)}: two answers`,
      );
  },
};

/** The first line is an expression, the second a text. */
const expressions: FuzzTarget = {
  name: 'regexp',
  corpus: () =>
    texts(
      `(a+)+$\n${'a'.repeat(200)}!`,
      '(?i)(?P<n>[a-z]+)-(\\d{2,4}|\\pL)*?\\b\nab-12 x',
      '^(?:a|ab)(?:c|bcd)*$|[[:alpha:]]{3}\nabcd',
      '\\Qa.b\\E\\x41[^\\d\\]-]\\z\na.bAx',
      '((a{10}){10}){10}\naaaa',
    ),
  words: [
    '(',
    ')',
    '*',
    '+',
    '?',
    '{1,1000}',
    '{0}',
    '|',
    '[',
    ']',
    '^',
    '$',
    '.',
    '\\b',
    '\\pL',
    '(?i)',
    '(?:',
    '(?P<a>',
    '\n',
    'a',
  ],
  async run(input) {
    const [source = '', ...rest] = input.toString('utf8').split('\n');
    const text = rest.join('\n');
    const expression = await attempt(() => goExpression(source));
    if (expression === undefined) return;
    const found = await attempt(() => expression.exec(text));
    if (found)
      must(text.slice(found.index, found.end) === found.text, 'a match is not where it is said to be');
    const all = await attempt(() => expression.all(text));
    if (all?.[0])
      must(all[0].index === found?.index && all[0].end === found.end, 'the first of all is another');
    for (const [index, match] of (all ?? []).entries())
      must(index === 0 || match.index >= all![index - 1]!.end, 'two matches overlap');
    await attempt(() => expression.replaceAll(text, '$0$1${n}'));
  },
};

const functions: FuzzTarget = {
  name: 'bake-functions',
  corpus: () =>
    texts(
      'regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")',
      'regex_replace("aaaa", "(a*)*b", "$1$${1}")',
      'format("%5d|%-10s|%q|%x|%.3f|%v", 1, "a", "b", 255, 1.5, [1])',
      'join(",", [for x in range(1000) : format("%04d", x)])',
      'length(setproduct(range(100), range(100)))',
      'merge({a = 1}, zipmap(["b"], [jsondecode("[1]")]))',
      'urlencode(substr("x\\ud83dy", 0, 2))',
      'formatlist("%s-%s", ["a", "b"], distinct(concat(range(10), range(10))))',
      'parseint("zz", 36) + pow(2, 10) + log(8, 2) - max([1, 2]...)',
      'csvdecode("a,b\\n1,2") == sort(chunklist(range(10), 3)[0])',
      'formatdate("YYYY", timestamp()) != timeadd("2026-01-01T00:00:00Z", "1h")',
    ),
  words: [
    ...[
      'regex("',
      'regexall("',
      'regex_replace("',
      '(a*)*',
      '{1000}',
      'format("%999s", ',
      'range(10000)',
      'setproduct(',
      'join(", ", ',
    ],
    ...[
      '[for x in ',
      ' : x]',
      '...',
      '1e308',
      '-1',
      '""',
      'null',
      '{}',
      '[]',
      '"\\ud800"',
      'jsondecode("',
      '[[[[',
      'indent(1000, ',
      'replace(',
    ],
    ...[
      'strrev(',
      'reverse(',
      'chunklist(',
      'slice(',
      'element(',
      'try(',
      ', ',
      ')',
      '(',
      '"',
      '%',
      '$${',
      '*',
    ],
  ],
  run: (input) =>
    attempt(async () => {
      const text = `target "default" {\n  args = { A = jsonencode(${input.subarray(0, 16_384).toString('utf8')}) }\n}\n`;
      (await readBake(bakeInput({ 'docker-bake.hcl': text }))).print();
    }),
};

export const growthTargets: FuzzTarget[] = [expansions, stars, expressions, functions];
