// What holds for every text, however broken: answers, and ranges that lie within it.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Range } from 'vscode-languageserver';
import { parseTolerant } from '../../src/dockerfile/parse-tolerant.ts';
import { completions } from '../../src/lsp/completion.ts';
import { definitionsOf, referencesOf, renameEdits } from '../../src/lsp/find-uses.ts';
import { formatEdits } from '../../src/lsp/format-edits.ts';
import { hoverText } from '../../src/lsp/hover.ts';
import { nameUses } from '../../src/lsp/name-uses.ts';
import { documentSymbols, foldingRanges } from '../../src/lsp/symbols.ts';
import { withEdits } from '../support/lsp-client.ts';
import { outlineFor } from './outline-of.ts';

const test = suite('lsp/properties');

const token = fc.constantFrom(
  ...'FROM RUN COPY ENV ARG ONBUILD AS a b A=b A=$A $A ${A:-b} --from=a --mount=from=a,target=/ <<E E'.split(
    ' ',
  ),
  ...[
    '"',
    "'",
    '\\',
    '`',
    '\\\n',
    '\n',
    '\n',
    '\r\n',
    ' ',
    ' ',
    '\t',
    '\ufeff',
    '😀',
    '#',
    '# escape=`\n',
    '[',
    '$',
  ],
);
const text = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(''));
const file = fc.oneof(
  text,
  text.map((one) => `FROM a AS b\nARG A=1\n${one}`),
);

/** Each range that a value holds. */
function* rangesIn(value: unknown): Generator<Range> {
  if (typeof value !== 'object' || value === null) return;
  if ('start' in value && 'end' in value) yield value as Range;
  else for (const one of Object.values(value)) yield* rangesIn(one);
}

test('every question has an answer, whose ranges lie within the text', () => {
  fc.assert(
    fc.property(file, fc.nat(120), (one, nat) => {
      const outline = outlineFor(one);
      const offset = Math.min(nat, one.length);
      const answers = [
        hoverText(outline, offset, { findings: [], host: { page: () => undefined } }),
        completions(outline, offset),
        definitionsOf(outline, offset),
        referencesOf(outline, offset, true),
        documentSymbols(outline),
        formatEdits(outline),
      ];
      foldingRanges(outline);
      const end = outline.places.range(one.length, one.length).end;
      for (const { start, end: last } of rangesIn(answers)) {
        assert.ok(start.line <= last.line && last.line <= end.line, JSON.stringify([start, last]));
        const [from, to] = [outline.places.offsetAt(start), outline.places.offsetAt(last)];
        assert.ok(from <= to);
        assert.equal(outline.places.range(from, to), { start, end: last });
      }
    }),
    { numRuns: 800, seed: 11 },
  );
});

test('a name that is changed, and changed back, leaves the text as it was', () => {
  fc.assert(
    fc.property(file, (one) => {
      const outline = outlineFor(one);
      for (const use of nameUses(outline)) {
        const edits = renameEdits(outline, use.from, 'ZZ');
        // The parser takes names that no shell does.
        if (edits.length === 0 || !/^[A-Za-z]\w*$/.test(use.name)) continue;
        // Where something else has the name, too, the way back is refused.
        const all = nameUses(outline).filter(({ name, kind }) => kind === use.kind && name === use.name);
        if (all.some(({ from }) => !edits.some((edit) => outline.places.offsetAt(edit.range.start) === from)))
          continue;
        const changed = outlineFor(withEdits(one, edits));
        const names = (text: string) => parseTolerant(text, 'D').located.length;
        assert.is(names(changed.text), names(one));
        const again = nameUses(changed).find(({ name }) => name === 'ZZ')!;
        const back = withEdits(changed.text, renameEdits(changed, again.from, use.name));
        assert.is(back.toLowerCase(), one.toLowerCase());
      }
    }),
    { numRuns: 300, seed: 12 },
  );
});

test.run();
