// The text of an HCL file to its body: attributes and blocks.
import type { SlipwayError } from '../../errors.ts';
import { parseExpression } from './parse-expression.ts';
import { parseQuoted } from './parse-template.ts';
import { createScanner, type Scanner } from './scanner.ts';
import type { Block, Body } from './syntax.ts';

/** HCL native syntax specification, "Structural Elements". @throws ERR_SYNTAX with its place */
export function parseHcl(text: string, file: string): Body {
  const scanner = createScanner(text, file);
  const body = parseBody(scanner);
  if (scanner.at < scanner.end) throw unexpected(scanner);
  return body;
}

function parseBody(scanner: Scanner): Body {
  const body: Body = { attributes: [], blocks: [] };
  for (;;) {
    scanner.skipLines();
    const start = scanner.at;
    if (scanner.peek() === '' || scanner.peek() === '}') return body;
    // JSON's quotes are let pass, as docker's own documentation has them.
    const quoted = scanner.peek() === '"' ? parseQuoted(scanner) : undefined;
    const name = quoted
      ? quoted.kind === 'literal'
        ? String(quoted.value)
        : undefined
      : scanner.identifier();
    if (name === undefined) throw unexpected(scanner);
    scanner.skipSpace();
    if (scanner.peek() === '=' && scanner.peek(1) !== '=') {
      scanner.at++;
      const value = parseExpression(scanner);
      const place = scanner.place(start);
      const twice = body.attributes.find((one) => one.name === name);
      if (twice) {
        throw scanner.error(`${name} is set twice`, {
          start,
          hint: `it is set in line ${twice.place.range.start.line} already`,
        });
      }
      body.attributes.push({ name, value, place });
    } else body.blocks.push(parseBlock(scanner, name, start));
    scanner.skipSpace();
    if (scanner.peek() !== '\n' && scanner.peek() !== '' && scanner.peek() !== '}') throw unexpected(scanner);
  }
}

function parseBlock(scanner: Scanner, type: string, start: number): Block {
  const labels: Block['labels'] = [];
  for (;;) {
    scanner.skipSpace();
    const at = scanner.at;
    if (scanner.take('{')) break;
    const quoted = scanner.peek() === '"' ? parseQuoted(scanner) : undefined;
    const text = quoted
      ? quoted.kind === 'literal'
        ? String(quoted.value)
        : undefined
      : scanner.identifier();
    if (text === undefined) {
      throw scanner.error(`"=" or "{" is missing after ${type}`, {
        start: at,
        hint: `${type} = VALUE, or ${type} "NAME" { … }`,
      });
    }
    labels.push({ text, place: scanner.place(at) });
  }
  const place = scanner.place(start);
  const body = scanner.nested(false, () => parseBody(scanner));
  if (!scanner.take('}'))
    throw scanner.error(`the block ${type} is not closed`, { start, hint: 'end it with }' });
  return { type, labels, body, place };
}

function unexpected(scanner: Scanner): SlipwayError {
  const found = scanner.peek();
  const message = found === '' ? 'the file ends too early' : `${JSON.stringify(found)} can't stand here`;
  return scanner.error(message, { hint: 'a line is NAME = VALUE, or begins a block: target "NAME" {' });
}
