import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Alias, type Node, parseDocument, visit } from 'yaml';
import { SlipwayError } from '../../src/errors.ts';
import { openYaml } from '../../src/yaml/open-yaml.ts';

const limits = { nodes: 100_000, depth: 100 };
const open = (text: string, merge = true) => openYaml(text, 'a.yaml', { merge, limits });

/** Where it was refused, as LINE:COLUMN-LINE:COLUMN, or nothing. */
function refused(text: string, merge?: boolean): string | undefined {
  try {
    open(text, merge);
  } catch (error) {
    assert.instance(error, SlipwayError);
    const { code, message, place } = error as SlipwayError;
    assert.is(code, 'ERR_SYNTAX');
    assert.match(message, /keys must be unique/);
    const range = place?.range;
    return range && `${range.start.line}:${range.start.column}-${range.end.line}:${range.end.column}`;
  }
  return undefined;
}

for (const [what, text, place] of [
  ['a key twice', 'abc: 1\nb: 2\nabc: 3\n', '3:1-3:4'],
  ['a key twice in a map below', 'a:\n  - b:\n      k: 1\n      k: 2\n', '4:7-4:8'],
  ['a key twice in braces', 'a: {k: 1, k: 2}\n', '1:11-1:12'],
  ['a key that is quoted', 'k: 1\n"k": 2\n', '2:1-2:4'],
  ['a number that is written otherwise', '16: 1\n0x10: 2\n', '2:1-2:5'],
  ['a key of no value twice', '~: 1\nnull: 2\n', '2:1-2:5'],
  ['two of them: the first in the text', 'a:\n  k: 1\n  k: 2\nb: 1\nb: 2\n', '3:3-3:4'],
  ['a map that is a key', '? {k: 1, k: 2}\n: 1\n', '1:10-1:11'],
] as const) {
  test(`${what} is refused at its place`, () => assert.is(refused(text), place));
}

for (const [what, text] of [
  ['the same key in two maps', 'a: {k: 1}\nb: {k: 1}\n'],
  ['a number and its text', '1: a\n"1": b\n'],
  ['merge keys', 'x: &x {k: 1}\ny: &y {l: 1}\nz:\n  <<: *x\n  <<: *y\n  k: 2\n'],
] as const) {
  test(`${what}: no key twice`, () => assert.is(refused(text), undefined));
}

test('<< twice, where it is a key like others', () => {
  assert.is(refused('<<: 1\n<<: 2\n', false), '2:1-2:3');
});

test('keys are found repeated where the parser, that compares each with each, finds them', () => {
  const key = fc.constantFrom(
    'a',
    '"a"',
    'b',
    '1',
    '0x1',
    '"1"',
    '~',
    'null',
    'true',
    '<<',
    '? [a]\n',
    '&k c',
  );
  const value: fc.Arbitrary<string> = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.constantFrom('1', 'x', '[a, a]'), tie('map'), tie('list')),
    map: fc
      .array(fc.tuple(key, tie('value')), { minLength: 1, maxLength: 4 })
      .map((pairs) => `{${pairs.map(([name, one]) => `${name}: ${one}`).join(', ')}}`),
    list: fc.array(tie('value'), { maxLength: 3 }).map((ones) => `[${ones.join(', ')}]`),
  })).value as fc.Arbitrary<string>;
  fc.assert(
    fc.property(value, fc.boolean(), (text, merge) => {
      const { errors } = parseDocument(text, { merge, uniqueKeys: true, logLevel: 'silent' });
      fc.pre(errors.every(({ code }) => code === 'DUPLICATE_KEY'));
      assert.is(refused(text, merge) !== undefined, errors.length > 0);
    }),
    { numRuns: 2_000 },
  );
});

function aliases(content: Node | null): Alias[] {
  const found: Alias[] = [];
  visit(content, { Alias: (_key, alias) => void found.push(alias) });
  return found;
}

test('an alias stands for the last node before it that has its anchor', () => {
  const text = 'a: &x 1\nb: *x\nc: &x {k: *x}\nd: [*x, &y [*y]]\ne: &x 2\nf: *x\n';
  const { content, target } = open(text);
  const found = aliases(content).map((alias) => text.slice(...(target(alias)?.range?.slice(0, 2) ?? [])));
  assert.equal(found, ['1', '{k: *x}', '{k: *x}', '[*y]', '2']);
});

test('aliases are found where the parser, that walks the document for each, finds them', () => {
  const anchor = fc.constantFrom('', '', '&x ', '&y ');
  const value: fc.Arbitrary<string> = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, tie('alias'), tie('scalar'), tie('map'), tie('list')),
    alias: fc.constantFrom('*x', '*y'),
    scalar: anchor.map((name) => `${name}1`),
    map: fc
      .tuple(anchor, fc.array(tie('value'), { minLength: 1, maxLength: 4 }))
      .map(([name, ones]) => `${name}{${ones.map((one, n) => `k${n}: ${one}`).join(', ')}}`),
    list: fc
      .tuple(anchor, fc.array(tie('value'), { maxLength: 4 }))
      .map(([name, ones]) => `${name}[${ones.join(', ')}]`),
  })).value as fc.Arbitrary<string>;
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), (ones) => {
      const text = `[&x 0, &y 0, ${ones.join(', ')}]`;
      const document = parseDocument(text);
      const { content, target } = open(text);
      assert.equal(
        aliases(content).map((alias) => target(alias)?.range),
        aliases(document.contents).map((alias) => alias.resolve(document)?.range),
      );
    }),
    { numRuns: 1_000 },
  );
});

test('aliases are not looked for in the whole document each time', () => {
  const { content, target } = open(`x: &x 1\ny: [${'*x, '.repeat(60_000)}]\n`);
  assert.is(aliases(content).filter((alias) => target(alias) !== null).length, 60_000);
});

test('a map of very many keys, merged or not, is read without comparing each with each', () => {
  const many = (line: (n: number) => string) => Array.from({ length: 40_000 }, (_, n) => line(n)).join('');
  open(`x: &x {k: 1}\nmany:\n${many(() => '  <<: *x\n')}`);
  open(many((n) => `k${n}: 1\n`));
});

test.run();
