// What holds for every text: no error but ours, and ranges that lie within it.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expandHeredoc, expandWord, expandWords } from '../../src/dockerfile/expand.ts';
import { createIgnoreMatcher } from '../../src/dockerfile/ignore.ts';
import type { Dockerfile } from '../../src/dockerfile/instruction.ts';
import { locateWords } from '../../src/dockerfile/locate-words.ts';
import { parseMount } from '../../src/dockerfile/mount.ts';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { isSlipwayError, type SourceRange } from '../../src/errors.ts';

const test = suite('properties');

const token = fc.constantFrom(
  ...'FROM RUN COPY ADD ENV ARG CMD ONBUILD HEALTHCHECK EXPOSE VOLUME SHELL LABEL USER NONE AS'.split(' '),
  ...[
    'a',
    'a=b',
    '<<E',
    '<<-"E"',
    'E',
    '--from=x',
    '--',
    '["a"]',
    '[',
    '"',
    "'",
    '$',
    '${x',
    '}',
    '#',
    '# escape=`',
  ],
  ...[
    '\\',
    '`',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '\ufeff',
    '\u0085',
    'ü',
    '😀',
    ',',
    ':-',
    '/',
    '%',
    '*',
    '!',
    '[a-z]',
    '**',
  ],
);
const soup = fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(''));
const dockerfile = soup.map((text) => `FROM a\n${text}`);
const text = fc.oneof(soup, fc.string({ unit: 'binary' }));

/** Runs `work`; undefined where it throws an error of ours. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    return undefined;
  }
}

function checkRange({ start, end }: SourceRange, lines: string[]): void {
  for (const { line, column } of [start, end]) {
    assert.ok(line >= 1 && line <= lines.length, `line ${line}`);
    assert.ok(column >= 1 && column <= lines[line - 1]!.length + 1, `column ${line}:${column}`);
  }
  assert.ok(
    start.line < end.line || (start.line === end.line && start.column <= end.column),
    'end before start',
  );
}

function checkRanges(file: Dockerfile, lines: string[]): void {
  for (const { range } of [...file.directives, ...file.instructions, ...file.warnings])
    checkRange(range, lines);
  for (const instruction of file.instructions) {
    if ('heredocs' in instruction) for (const { range } of instruction.heredocs) checkRange(range, lines);
    checkRange(locateWords(file, instruction).keyword, lines);
  }
}

test('parsing throws nothing but SlipwayErrors with places inside the text', () => {
  fc.assert(
    fc.property(fc.oneof(dockerfile, text), (source) => {
      const lines = source.split('\n');
      try {
        checkRanges(parseDockerfile(source, 'Dockerfile'), lines);
      } catch (error) {
        if (!isSlipwayError(error)) throw error;
        assert.ok(error.hint && error.place, error.message);
        checkRange(error.place.range, lines);
      }
    }),
    { seed: 4, numRuns: 1000 },
  );
});

test('an instruction stands where its range says', () => {
  fc.assert(
    fc.property(dockerfile, (source) => {
      const lines = source.split('\n');
      for (const { written, range } of attempt(() => parseDockerfile(source, 'D'))?.instructions ?? []) {
        const first = lines[range.start.line - 1]!.slice(range.start.column - 1);
        assert.ok(first.startsWith(written) || /[\\`][ \t]*\r?$/.test(first), written);
      }
    }),
    { seed: 5, numRuns: 1000 },
  );
});

test('expansion leaves text without dollars, quotes and escapes as it is', () => {
  const plain = text.map((source) => source.replace(/[$"'\\`]/g, ''));
  fc.assert(
    fc.property(plain, (source) => {
      assert.is(
        expandWord(source, () => 'x', { escape: '\\' }),
        source,
      );
      assert.is(
        expandHeredoc(source, () => 'x'),
        source,
      );
    }),
    { seed: 6, numRuns: 500 },
  );
});

test('expansion, mounts and ignore files throw nothing but SlipwayErrors', () => {
  fc.assert(
    fc.property(text, text, (source, value) => {
      const env = (name: string) => (name.length % 2 === 0 ? undefined : value);
      attempt(() => expandWord(source, env, { escape: '\\' }));
      attempt(() => expandWords(source, env, { escape: '`', rawQuotes: true, rawEscapes: true }));
      attempt(() => parseMount(source, (part) => part));
      const matcher = attempt(() => createIgnoreMatcher(source));
      matcher?.ignores('a/b/c');
      matcher?.mayIncludeBelow('a/b');
    }),
    { seed: 7, numRuns: 1000 },
  );
});

test('a quoted value comes out as it went in', () => {
  fc.assert(
    fc.property(text, (source) => {
      const quoted = `"${source.replace(/[$"\\]/g, '\\$&')}"`;
      assert.is(
        expandWord(quoted, () => undefined, { escape: '\\' }),
        source,
      );
    }),
    { seed: 8, numRuns: 500 },
  );
});

test.run();
