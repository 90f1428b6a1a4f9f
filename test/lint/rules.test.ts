// Where each of BuildKit's checks fires, where it does not, and what it says.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildChecks } from '../../src/lint/rules/index.ts';
import { checkCases } from './check-cases.ts';
import { type CheckSettings, checkText } from './check-text.ts';

const test = suite('lint/rules');
const show = JSON.stringify;

const linesOf = (code: string, text: string, settings?: CheckSettings): number[] =>
  checkText(text, settings)
    .filter(({ rule }) => rule === code)
    .map(({ range }) => range.start.line);

for (const [code, { hits, clean, says = [] }] of Object.entries(checkCases)) {
  for (const [text, lines, settings] of hits)
    test(`${code}: ${show(text)} → ${lines.join(', ')}`, () =>
      assert.equal(linesOf(code, text, settings), lines));
  for (const [text, settings] of clean)
    test(`${code}: ${show(text)} → nothing`, () => assert.equal(linesOf(code, text, settings), []));
  for (const [text, message, settings] of says)
    test(`${code} says: ${message}`, () =>
      assert.is(checkText(text, settings).find(({ rule }) => rule === code)?.message, message));
}

/** What they look at is the text of the line, whatever the instruction is. */
const aboutText = ['NoEmptyContinuation', 'ConsistentInstructionCasing', 'InvalidDefinitionDescription'];

for (const [code, { hits }] of Object.entries(checkCases)) {
  if (aboutText.includes(code)) continue;
  test(`${code} is not looked for in what ONBUILD triggers`, () => {
    const triggers = hits
      .map(
        ([text, , settings]) =>
          [text.replace(/^(?!from|arg|onbuild|maintainer)(?=[a-z]+ )/gim, 'ONBUILD '), settings] as const,
      )
      .filter(([text]) => /^ONBUILD /m.test(text));
    for (const [text, settings] of triggers) {
      const body = linesOf(code, text, settings).filter((line) =>
        /^ONBUILD /.test(text.split('\n')[line - 1]!),
      );
      assert.equal(body, [], text);
    }
  });
}

test('there are twenty-two build checks, each with a name of its own', () => {
  assert.is(buildChecks.length, 22);
  assert.is(new Set(buildChecks.map(({ name }) => name)).size, 22);
  assert.equal(
    buildChecks.filter((rule) => rule.experimental).map(({ name }) => name),
    ['InvalidDefinitionDescription'],
  );
});

test.run();
