import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { goQuote, goQuoteRune } from '../../src/graph/go-quote.ts';

const test = suite('go-quote');

test('a text is quoted as Go does: what is printable stays, whatever the script', () => {
  assert.is(goQuote('plain é < & 中 😀'), '"plain é < & 中 😀"');
  assert.is(goQuote(`a "b" 'c' \\`), `"a \\"b\\" 'c' \\\\"`);
});

test('control characters have the names or numbers that Go gives them', () => {
  assert.is(goQuote('\x07\b\f\n\r\t\v'), '"\\a\\b\\f\\n\\r\\t\\v"');
  assert.is(goQuote('\0\x1b\x7f'), '"\\x00\\x1b\\x7f"');
  assert.is(goQuote('\u00a0\u200b\u{e0001}'), '"\\u00a0\\u200b\\U000e0001"');
});

test('a number is the character that has it', () => {
  assert.is(goQuoteRune(0), `'\\x00'`);
  assert.is(goQuoteRune(3), `'\\x03'`);
  assert.is(goQuoteRune(39), `'\\''`);
  assert.is(goQuoteRune(34), `'"'`);
  assert.is(goQuoteRune(65), `'A'`);
  assert.is(goQuoteRune(0xd800), `'\ufffd'`);
  assert.is(goQuoteRune(2_000_000), `'\ufffd'`);
});

test.run();
