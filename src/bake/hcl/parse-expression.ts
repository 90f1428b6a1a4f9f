// Expressions of HCL: operators by precedence, calls, lists, objects, for, and what follows a term.
import { parsePostfix } from './parse-postfix.ts';
import { parseForNames, parseHeredoc, parseQuoted } from './parse-template.ts';
import type { Scanner } from './scanner.ts';
import type { BinaryOperator, Expression } from './syntax.ts';

const levels: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** @throws ERR_SYNTAX */
export function parseExpression(scanner: Scanner): Expression {
  return scanner.nested(scanner.multiline, () => {
    scanner.skipSpace();
    const start = scanner.at;
    const test = parseBinary(scanner, 0);
    scanner.skipSpace();
    if (!scanner.take('?')) return test;
    const yes = scanner.nested(true, () => parseExpression(scanner));
    scanner.skipLines();
    if (!scanner.take(':'))
      throw scanner.error('":" is missing', { hint: 'a condition is written TEST ? YES : NO' });
    scanner.skipLines();
    const no = parseExpression(scanner);
    return { kind: 'conditional', test, yes, no, place: scanner.place(start) };
  });
}

function parseBinary(scanner: Scanner, level: number): Expression {
  const operators = levels[level];
  if (!operators) return parseUnary(scanner);
  const start = scanner.at;
  let left = parseBinary(scanner, level + 1);
  for (let count = 1; ; count++) {
    const before = scanner.at;
    scanner.skipSpace();
    const operator = operators.find((one) => scanner.take(one));
    if (operator === undefined) {
      scanner.at = before;
      return left;
    }
    scanner.link(count);
    scanner.skipLines();
    const right = parseBinary(scanner, level + 1);
    left = { kind: 'binary', operator, left, right, place: scanner.place(start) };
  }
}

function parseUnary(scanner: Scanner): Expression {
  scanner.skipSpace();
  const start = scanner.at;
  for (const operator of ['-', '!'] as const) {
    if (!scanner.take(operator)) continue;
    const operand = scanner.nested(scanner.multiline, () => parseUnary(scanner));
    return { kind: 'unary', operator, operand, place: scanner.place(start) };
  }
  return parsePostfix(scanner, parseTerm(scanner), start);
}

function parseTerm(scanner: Scanner): Expression {
  const start = scanner.at;
  const next = scanner.peek();
  if (next === '"') return parseQuoted(scanner);
  if (next === '[') return scanner.nested(true, () => parseTuple(scanner));
  if (next === '{') return scanner.nested(true, () => parseObject(scanner));
  if (scanner.startsWith('<<')) return parseHeredoc(scanner);
  if (scanner.take('(')) {
    const inner = scanner.nested(true, () => parseExpression(scanner));
    expectClose(scanner, ')', start);
    return inner;
  }
  const number = /^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(
    scanner.text.slice(scanner.at, Math.min(scanner.end, scanner.at + 400)),
  )?.[0];
  if (number !== undefined) {
    scanner.at += number.length;
    const value = Number(number);
    if (!Number.isFinite(value)) throw scanner.error('the number is too large', { start });
    return { kind: 'literal', value, place: scanner.place(start) };
  }
  const name = parseName(scanner);
  if (name === undefined) {
    const found =
      next === '' ? 'the file ends' : next === '\n' ? 'the line ends' : `there is ${JSON.stringify(next)}`;
    throw scanner.error(`a value is missing: ${found}`, {
      start,
      hint: 'a value is "text", a number, true, false, null, a list, an object or a variable',
    });
  }
  if (scanner.peek() === '(') return parseCall(scanner, name, start);
  const place = scanner.place(start);
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true', place };
  return name === 'null' ? { kind: 'literal', value: null, place } : { kind: 'variable', name, place };
}

/** An identifier; of functions also with `::`. */
function parseName(scanner: Scanner): string | undefined {
  let name = scanner.identifier();
  while (name !== undefined && scanner.take('::')) name += `::${scanner.identifier() ?? ''}`;
  return name;
}

function parseCall(scanner: Scanner, name: string, start: number): Expression {
  scanner.at++;
  const args: Expression[] = [];
  let spread = false;
  scanner.nested(true, () => {
    for (;;) {
      scanner.skipSpace();
      if (scanner.peek() === ')') return;
      args.push(parseExpression(scanner));
      scanner.skipSpace();
      spread = scanner.take('...');
      if (spread || !scanner.take(',')) return;
    }
  });
  expectClose(scanner, ')', start);
  return { kind: 'call', name, args, spread, place: scanner.place(start) };
}

/** @throws ERR_SYNTAX where another character stands here */
export function expectClose(scanner: Scanner, bracket: string, start: number): void {
  scanner.skipLines();
  if (!scanner.take(bracket))
    throw scanner.error(`${JSON.stringify(bracket)} is missing`, {
      start: scanner.at < scanner.end ? scanner.at : start,
    });
}

function isFor(scanner: Scanner): boolean {
  return /^for\s/.test(scanner.text.slice(scanner.at, Math.min(scanner.end, scanner.at + 4)));
}

function parseTuple(scanner: Scanner): Expression {
  const start = scanner.at++;
  scanner.skipSpace();
  if (isFor(scanner)) return parseFor(scanner, ']', start);
  const items: Expression[] = [];
  while (scanner.peek() !== ']') {
    items.push(parseExpression(scanner));
    scanner.skipSpace();
    if (!scanner.take(',')) break;
    scanner.skipSpace();
  }
  expectClose(scanner, ']', start);
  return { kind: 'tuple', items, place: scanner.place(start) };
}

function parseObject(scanner: Scanner): Expression {
  const start = scanner.at++;
  scanner.skipSpace();
  if (isFor(scanner)) return parseFor(scanner, '}', start);
  const items: { key: Expression; value: Expression }[] = [];
  while (scanner.peek() !== '}') {
    const key = parseKey(scanner);
    scanner.skipSpace();
    if (!scanner.take('=') && !scanner.take(':')) {
      throw scanner.error('"=" is missing after the key', { hint: 'an item is written KEY = VALUE' });
    }
    scanner.skipLines();
    // An item ends with its line.
    const value = scanner.nested(false, () => {
      const read = parseExpression(scanner);
      scanner.skipSpace();
      return read;
    });
    items.push({ key, value });
    const ended = scanner.peek() === '\n';
    scanner.skipSpace();
    if (scanner.take(',')) scanner.skipSpace();
    else if (!ended) break;
  }
  expectClose(scanner, '}', start);
  return { kind: 'object', items, place: scanner.place(start) };
}

/** A bare name is the key itself; in brackets it is a variable. */
function parseKey(scanner: Scanner): Expression {
  scanner.skipSpace();
  const isBare = scanner.peek() !== '(';
  const key = parseExpression(scanner);
  return key.kind === 'variable' && isBare ? { kind: 'literal', value: key.name, place: key.place } : key;
}

function parseFor(scanner: Scanner, bracket: ']' | '}', start: number): Expression {
  scanner.at += 3;
  const { keyName, valueName } = parseForNames(scanner);
  const of = parseExpression(scanner);
  scanner.skipSpace();
  if (!scanner.take(':')) throw scanner.error('":" is missing', { hint: '[for item in list : value]' });
  let value = parseExpression(scanner);
  let key: Expression | undefined;
  let grouped = false;
  if (bracket === '}') {
    scanner.skipSpace();
    if (!scanner.take('=>'))
      throw scanner.error('"=>" is missing', { hint: '{for key, value in map : key => value}' });
    key = value;
    value = parseExpression(scanner);
    scanner.skipSpace();
    grouped = scanner.take('...');
  }
  scanner.skipSpace();
  const condition = /^if\b/.test(scanner.text.slice(scanner.at, scanner.at + 3))
    ? parseCondition(scanner)
    : undefined;
  expectClose(scanner, bracket, start);
  return {
    kind: 'for',
    keyName,
    valueName,
    of,
    key,
    value,
    condition,
    grouped,
    text: false,
    place: scanner.place(start),
  };
}

function parseCondition(scanner: Scanner): Expression {
  scanner.at += 2;
  return parseExpression(scanner);
}
