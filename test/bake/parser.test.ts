// The parsers of bake files against anything: what they throw is an error that a user can read.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseHcl } from '../../src/bake/hcl/parse-hcl.ts';
import { readBake } from '../../src/bake/read-bake.ts';
import { SlipwayError } from '../../src/errors.ts';
import { rejects } from '../support/rejects.ts';
import { bakeHcl, bakeInput } from './bake-input.ts';

const test = suite('bake parsers');

const pieces = [
  ...[
    'target',
    '"default"',
    'variable',
    '"V"',
    'group',
    'function',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '=',
    ',',
    '.',
    ':',
    '?',
    '...',
    '=>',
  ],
  ...[
    '"',
    '${',
    '%{',
    '~}',
    '$${',
    '\\',
    '\\u00',
    '<<EOT',
    '<<-EOT',
    'EOT',
    '\n',
    ' ',
    '#',
    '//',
    '/*',
    '*/',
    'for',
    'in',
    'if',
    'endfor',
    'else',
    'endif',
  ],
  ...[
    'args',
    'matrix',
    'name',
    'inherits',
    'tags',
    'contexts',
    'default',
    'params',
    'result',
    'x',
    '1',
    '1e999',
    '-',
    '!',
    '*',
    '[*]',
    '&&',
    '||',
    '==',
    'null',
    'true',
    'upper(',
    'é',
    '\ufeff',
    '\0',
  ],
];
const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((all) => all.join(''));
const body = soup.map((text) => `target "default" {\n args = {\n A = ${text}\n }\n}\n`);

async function survives(name: string, text: string): Promise<void> {
  try {
    (await readBake(bakeInput({ [name]: text }))).print();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    assert.ok(error.message.length > 0);
    if (error.place) {
      const { start, end } = error.place.range;
      const lines = text.split('\n').length;
      assert.ok(
        start.line >= 1 && start.column >= 1 && start.line <= lines && end.line <= lines + 1,
        `${JSON.stringify(text)} ${JSON.stringify(error.place)}`,
      );
    }
  }
}

for (const [name, texts] of [
  ['docker-bake.hcl', fc.oneof(soup, body, fc.string({ unit: 'binary' }))],
  [
    'docker-bake.json',
    fc.oneof(
      soup,
      fc.json(),
      fc.json().map((json) => `{"target": {"default": ${json}}}`),
    ),
  ],
  [
    'compose.yaml',
    fc.oneof(
      soup,
      fc.string(),
      fc.json().map((json) => `services:\n  a:\n    build: ${json}\n`),
    ),
  ],
] as const) {
  test(`${name}: nothing but errors of ours`, async () => {
    await fc.assert(
      fc.asyncProperty(texts, (text) => survives(name, text)),
      { seed: 7, numRuns: 500, interruptAfterTimeLimit: 1000 },
    );
  });
}

for (const [title, text] of [
  ['brackets', `x = ${'['.repeat(50_000)}`],
  ['signs', `x = ${'!'.repeat(50_000)}true`],
  ['sums', `x = ${'1 + '.repeat(50_000)}1`],
  ['holes', `x = ${'"${'.repeat(50_000)}`],
  ['conditions', `x = ${'true ? 1 : '.repeat(50_000)}1`],
  ['members', `x = a${'.a'.repeat(50_000)}`],
  ['blocks', 'a {\n'.repeat(50_000)],
] as const) {
  test(`fifty thousand ${title} are refused, not run into`, () => {
    try {
      parseHcl(text, 'docker-bake.hcl');
    } catch (error) {
      assert.instance(error, SlipwayError);
      return;
    }
    assert.unreachable();
  });
}

const broken: [text: string, line: number, column: number, message: RegExp][] = [
  ['target "a" {\n  tags = ["x"\n}\n', 3, 1, /"]" is missing/],
  ['target "a" {\n  tags = \n}\n', 2, 10, /a value is missing: the line ends/],
  ['target "a" {\n  x = "never\n}\n', 2, 7, /not closed/],
  ['target "a" {\n', 1, 1, /not closed/],
  ['target a b\n', 1, 11, /missing after target/],
  ['x = <<EOT\nabc\n', 1, 5, /heredoc EOT is not closed/],
  ['x = 1\nx = 2\n', 2, 1, /set twice/],
  ['x = "a\\q"\n', 1, 7, /no escape/],
  ['x = "${1"\n', 1, 9, /"}" is missing/],
  ['/* x', 1, 1, /comment is not closed/],
  ['x = 1 2\n', 1, 7, /can't stand here/],
  ['x = "%{ fi }"\n', 1, 6, /no directive/],
];

for (const [text, line, column, message] of broken) {
  test(`${JSON.stringify(text)}: the error is at ${line}:${column}`, async () => {
    const error = await rejects(bakeHcl(text), 'ERR_SYNTAX', message);
    assert.equal(error.place?.range.start, { line, column });
  });
}

test('errors in JSON are where they lie', async () => {
  const text = '{\n  "target": {\n    "default": { "tgas": [] }\n  }\n}\n';
  const error = await rejects(
    readBake(bakeInput({ 'docker-bake.json': text })),
    'ERR_SYNTAX',
    /did you mean tags/,
  );
  assert.equal(error.place?.range.start, { line: 3, column: 18 });
});

test.run();
