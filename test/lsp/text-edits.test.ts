// Edits between two texts: applied to the one, they give the other.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cutsBetween, editsOfCuts } from '../../src/lsp/text-edits.ts';
import { createPlaces } from '../../src/lsp/text-places.ts';
import { withEdits } from '../support/lsp-client.ts';

const test = suite('lsp/text-edits');

const line = fc.constantFrom('FROM a', 'RUN x', 'RUN 😀', 'RUN 😁', '', ' ', 'RUN x && y');
const text = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, ends]) => lines.join(end) + (ends ? end : ''));

test('whatever the texts are, and no character is cut in two', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const cuts = cutsBetween(before, after);
      const places = createPlaces(before);
      assert.is(withEdits(before, editsOfCuts(cuts, places)), after);
      for (const { from, to } of cuts)
        for (const at of [from, to])
          assert.not.match(before.slice(at - 1, at + 1), /^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/);
    }),
    { numRuns: 2000, seed: 5 },
  );
});

test('lines that stay are not touched', () => {
  const cuts = cutsBetween('FROM a\nRUN x\nRUN y\nCMD z\n', 'FROM a\nRUN w\nRUN y\nCMD v\n');
  assert.equal(cuts, [
    { from: 11, to: 12, text: 'w' },
    { from: 23, to: 24, text: 'v' },
  ]);
});

test.run();
