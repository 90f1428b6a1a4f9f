// Places of the parser and positions of the protocol, both ways.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createSource } from '../../src/dockerfile/source.ts';
import { createPlaces, touches } from '../../src/lsp/text-places.ts';

const test = suite('lsp/text-places');

const text = fc
  .array(fc.constantFrom('a', 'ü', '😀', '\n', '\r\n', '\r', '\ufeff', '\ud83d', 'bc '), { maxLength: 20 })
  .map((parts) => parts.join(''));

test('positions are those of the official text document, whatever ends the lines', () => {
  fc.assert(
    fc.property(text, fc.nat(30), fc.nat(8), fc.nat(8), (one, offset, line, character) => {
      const document = TextDocument.create('file:///x', 'dockerfile', 1, one);
      const places = createPlaces(one);
      const at = Math.min(offset, one.length);
      assert.equal(places.range(at, at).start, document.positionAt(at));
      const position = { line, character };
      assert.is(places.offsetAt(position), document.offsetAt(position));
    }),
    { numRuns: 2000, seed: 3 },
  );
});

test('a place of the parser is the offset that it was made from', () => {
  fc.assert(
    fc.property(text, fc.nat(30), (one, offset) => {
      const at = Math.min(offset, one.length);
      const { start } = createSource(one, 'Dockerfile').range(at, at);
      const places = createPlaces(one);
      assert.is(places.offset(start), at);
      assert.is(places.lineAt(at) >= start.line, true);
    }),
    { numRuns: 2000, seed: 4 },
  );
});

test('ranges that touch share a place', () => {
  const range = (from: number, to: number) => createPlaces('abcdefgh').range(from, to);
  assert.is(touches(range(1, 3), range(3, 3)), true);
  assert.is(touches(range(1, 3), range(4, 5)), false);
  assert.is(touches(range(1, 6), range(2, 3)), true);
});

test.run();
