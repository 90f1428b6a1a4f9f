// The functions of templates: those that docker documents, and those of Go that need no types of Go's.
import { printValue } from './print-value.ts';
import { formatText } from './printf.ts';
import { templateError } from './syntax.ts';

type TemplateFunction = (...values: unknown[]) => unknown;

const widest = 10_000;

export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw templateError(`${name} is for text, and ${printValue(value).slice(0, 40)} is none`);
}

function whole(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw templateError(`${name} needs a whole number, and ${printValue(value).slice(0, 40)} is none`);
}

function count(name: string, value: unknown): number {
  const number = whole(name, value);
  if (number < 0 || number > widest) throw templateError(`${name}: ${number} is not between 0 and ${widest}`);
  return number;
}

function list(name: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (value === null || value === undefined) return [];
  throw templateError(`${name} is for lists, and ${printValue(value).slice(0, 40)} is none`);
}

function length(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value === null || value === undefined) return 0;
  if (typeof value === 'object') return Object.keys(value).length;
  throw templateError(`len is for text, lists and maps, not for ${printValue(value)}`);
}

function elementOf(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    const at = whole('index', key);
    if (at >= 0 && at < value.length) return value[at];
    throw templateError(`index: ${at} is out of range: there are ${value.length}`);
  }
  if (typeof value === 'object' && value !== null) {
    const name = text('index', key);
    return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  }
  if (value === null || value === undefined) return undefined;
  throw templateError(`index is for lists and maps, not for ${printValue(value).slice(0, 40)}`);
}

function slice(value: unknown, from: unknown = 0, to?: unknown): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) throw templateError('slice is for text and lists');
  const start = whole('slice', from);
  const end = to === undefined ? value.length : whole('slice', to);
  if (start < 0 || start > end || end > value.length)
    throw templateError(`slice: ${start} to ${end} is out of range: there are ${value.length}`);
  return value.slice(start, end);
}

function compare(name: string, a: unknown, b: unknown): number {
  const alike = typeof a === typeof b && ['number', 'string', 'boolean'].includes(typeof a);
  if (!alike) throw templateError(`${name}: ${printValue(a)} and ${printValue(b)} can't be compared`);
  if (a === b) return 0;
  return (a as string) < (b as string) ? -1 : 1;
}

function equal(first: unknown, ...others: unknown[]): boolean {
  if (others.length === 0) throw templateError('eq needs two values');
  return others.some((other) =>
    first === null || first === undefined || other === null || other === undefined
      ? (first ?? null) === (other ?? null)
      : compare('eq', first, other) === 0,
  );
}

function title(value: string): string {
  return value.replace(
    /(^|[^\p{L}\p{N}_])(\p{L})/gu,
    (_all, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

/** As Go: blanks stand between two values where neither is text. */
function print(values: readonly unknown[]): string {
  return values
    .map((value, at) => {
      const blank = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string';
      return `${blank ? ' ' : ''}${printValue(value)}`;
    })
    .join('');
}

function pad(value: unknown, before: unknown, after: unknown): string {
  const source = text('pad', value);
  const [left, right] = [count('pad', before), count('pad', after)];
  return source === '' ? '' : ' '.repeat(left) + source + ' '.repeat(right);
}

const table: Record<string, { least: number; most: number; call: TemplateFunction }> = {
  json: { least: 1, most: 1, call: (value) => JSON.stringify(value ?? null) },
  join: {
    least: 2,
    most: 2,
    call: (value, by) => list('join', value).map(printValue).join(text('join', by)),
  },
  split: { least: 2, most: 2, call: (value, by) => text('split', value).split(text('split', by)) },
  lower: { least: 1, most: 1, call: (value) => text('lower', value).toLowerCase() },
  upper: { least: 1, most: 1, call: (value) => text('upper', value).toUpperCase() },
  title: { least: 1, most: 1, call: (value) => title(text('title', value)) },
  pad: { least: 3, most: 3, call: pad },
  truncate: {
    least: 2,
    most: 2,
    call: (value, size) => [...text('truncate', value)].slice(0, count('truncate', size)).join(''),
  },
  print: { least: 0, most: 99, call: (...values) => print(values) },
  println: { least: 0, most: 99, call: (...values) => `${values.map(printValue).join(' ')}\n` },
  printf: { least: 1, most: 99, call: (format, ...values) => formatText(text('printf', format), values) },
  len: { least: 1, most: 1, call: length },
  index: { least: 1, most: 99, call: (value, ...keys) => keys.reduce(elementOf, value) },
  slice: { least: 1, most: 3, call: slice },
  not: { least: 1, most: 1, call: (value) => !isTrue(value) },
  and: { least: 1, most: 99, call: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1) },
  or: { least: 1, most: 99, call: (...values) => values.find(isTrue) ?? values.at(-1) },
  eq: { least: 2, most: 99, call: equal },
  ne: { least: 2, most: 2, call: (a, b) => !equal(a, b) },
  lt: { least: 2, most: 2, call: (a, b) => compare('lt', a, b) < 0 },
  le: { least: 2, most: 2, call: (a, b) => compare('le', a, b) <= 0 },
  gt: { least: 2, most: 2, call: (a, b) => compare('gt', a, b) > 0 },
  ge: { least: 2, most: 2, call: (a, b) => compare('ge', a, b) >= 0 },
};

export const isFunction = (name: string): boolean => Object.hasOwn(table, name);

/** @throws ERR_USAGE for a wrong number of arguments, or wrong ones. */
export function callFunction(name: string, values: readonly unknown[]): unknown {
  const { least, most, call } = table[name]!;
  if (values.length < least || values.length > most) {
    const wanted = least === most ? `${least}` : `at least ${least}`;
    throw templateError(`${name} takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${values.length}`);
  }
  return call(...values);
}
