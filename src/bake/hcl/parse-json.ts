// The JSON form of a bake file: the same bodies, with templates in strings.

import { parseTemplateText } from './parse-template.ts';
import { createScanner, type Scanner } from './scanner.ts';
import type { Block, Body, Expression } from './syntax.ts';

/** Blocks by the type of what holds them, and how many labels they have. */
const labeled: Record<string, boolean> = { target: true, group: true, variable: true, function: true };

/** HCL JSON syntax specification, for the schema of bake files. @throws ERR_SYNTAX with its place */
export function parseJsonBody(text: string, file: string): Body {
  const scanner = createScanner(text, file);
  const value = parseJson(scanner);
  scanner.skipLines();
  if (scanner.at < scanner.end) throw scanner.error('text behind the end of the JSON value');
  return toBody(value, scanner, (name) => Object.hasOwn(labeled, name));
}

function toBody(value: Expression, scanner: Scanner, isBlock: (name: string) => boolean): Body {
  const body: Body = { attributes: [], blocks: [] };
  for (const { name, key, value: inner } of members(value, scanner)) {
    if (name === '//') continue;
    if (isBlock(name)) body.blocks.push(...toBlocks(name, inner, scanner));
    else
      body.attributes.push({
        name,
        value: inner,
        place: { ...key.place, range: { start: key.place.range.start, end: inner.place.range.end } },
      });
  }
  return body;
}

/** An object by label, or a list of those; a block without labels is its body. */
function toBlocks(type: string, value: Expression, scanner: Scanner): Block[] {
  if (value.kind === 'tuple') return value.items.flatMap((item) => toBlocks(type, item, scanner));
  if (!labeled[type])
    return [{ type, labels: [], body: toBody(value, scanner, () => false), place: value.place }];
  return members(value, scanner).flatMap(({ name, key, value: inner }) =>
    (inner.kind === 'tuple' ? inner.items : [inner]).map((one) => ({
      type,
      labels: [{ text: name, place: key.place }],
      body: toBody(one, scanner, (attribute) => type === 'variable' && attribute === 'validation'),
      place: key.place,
    })),
  );
}

function members(
  value: Expression,
  scanner: Scanner,
): { name: string; key: Expression; value: Expression }[] {
  if (value.kind !== 'object') {
    const error = scanner.error('an object is wanted here', {
      hint: '{"target": {"app": {"context": "."}}}',
    });
    error.place = value.place;
    throw error;
  }
  return value.items.map(({ key, value: inner }) => ({
    name: key.kind === 'literal' ? String(key.value) : '',
    key,
    value: inner,
  }));
}

function parseJson(scanner: Scanner): Expression {
  return scanner.nested(true, () => {
    skipBlanks(scanner);
    const start = scanner.at;
    const next = scanner.peek();
    if (next === '"') {
      const text = parseString(scanner);
      return parseTemplateText(text, scanner.file, scanner.range(start));
    }
    if (next === '[') return parseArray(scanner);
    if (next === '{') return parseMembers(scanner);
    const word = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/.exec(
      scanner.text.slice(start, start + 400),
    )?.[0];
    if (word === undefined)
      throw scanner.error(
        next === '' ? 'the file ends too early' : `${JSON.stringify(next)} can't stand here`,
      );
    scanner.at += word.length;
    return {
      kind: 'literal',
      value: JSON.parse(word) as null | boolean | number,
      place: scanner.place(start),
    };
  });
}

function skipBlanks(scanner: Scanner): void {
  while (/^[ \t\r\n]$/.test(scanner.peek())) scanner.at++;
}

function parseString(scanner: Scanner): string {
  const start = scanner.at;
  const form = /"(?:[^"\\\n]|\\.)*"/y;
  form.lastIndex = start;
  const found = form.exec(scanner.text)?.[0];
  if (found === undefined) throw scanner.error('the string is not closed', { start });
  scanner.at += found.length;
  try {
    return JSON.parse(found) as string;
  } catch {
    throw scanner.error('the string has an escape that JSON does not know', { start });
  }
}

function parseArray(scanner: Scanner): Expression {
  const start = scanner.at++;
  const items: Expression[] = [];
  list(scanner, ']', start, () => items.push(parseJson(scanner)));
  return { kind: 'tuple', items, place: scanner.place(start) };
}

function parseMembers(scanner: Scanner): Expression {
  const start = scanner.at++;
  const items: { key: Expression; value: Expression }[] = [];
  list(scanner, '}', start, () => {
    const at = scanner.at;
    if (scanner.peek() !== '"') throw scanner.error('a key in quotes is missing');
    const key: Expression = { kind: 'literal', value: parseString(scanner), place: scanner.place(at) };
    skipBlanks(scanner);
    if (!scanner.take(':')) throw scanner.error('":" is missing after the key');
    items.push({ key, value: parseJson(scanner) });
  });
  return { kind: 'object', items, place: scanner.place(start) };
}

function list(scanner: Scanner, bracket: string, start: number, item: () => unknown): void {
  skipBlanks(scanner);
  if (scanner.take(bracket)) return;
  for (;;) {
    skipBlanks(scanner);
    item();
    skipBlanks(scanner);
    if (scanner.take(bracket)) return;
    if (!scanner.take(','))
      throw scanner.error(`"," or ${JSON.stringify(bracket)} is missing`, {
        start: scanner.at < scanner.end ? scanner.at : start,
      });
  }
}
