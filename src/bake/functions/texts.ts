// Functions on text.
import { basename, dirname } from 'node:path/posix';
import { type GoExpression, type GoMatch, goExpression } from '../../regexp/go-expression.ts';
import { checkLength } from '../hcl/budget.ts';
import { toText, type Value, valueError } from '../hcl/value.ts';
import { formatText } from './format.ts';
import { type FunctionTable, fn, whole } from './function-table.ts';

let graphemes: Intl.Segmenter | undefined;

/** What people see as one letter counts as one. */
function letters(text: string): string[] {
  if (/^[\t-~]*$/.test(text)) return [...text];
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return [...graphemes.segment(text)].map(({ segment }) => segment);
}

/** The whole match, its groups as a list, or as an object where they have names. */
function captures({ text, groups }: GoMatch, { names }: GoExpression): Value {
  if (names.some((name) => name !== undefined))
    return new Map(
      names.flatMap((name, index) => (name === undefined ? [] : [[name, groups[index] ?? null]])),
    );
  return groups.length > 0 ? groups.map((group) => group ?? null) : text;
}

function firstMatch(source: string, text: string): Value {
  const expression = goExpression(source);
  const match = expression.exec(text);
  if (match) return captures(match, expression);
  throw valueError(
    `${JSON.stringify(source)} matches nothing in ${JSON.stringify(text)}`,
    'try(regex(…), "") gives another value instead',
  );
}

function allMatches(source: string, text: string): Value {
  const expression = goExpression(source);
  return expression.all(text).map((match) => captures(match, expression));
}

function substr(text: string, offset: number, length: number): string {
  const all = letters(text);
  const start = whole(offset) < 0 ? Math.max(0, all.length + offset) : offset;
  return all.slice(start, whole(length) < 0 ? undefined : start + length).join('');
}

function trim(text: string, set: string): string {
  const signs = [...text];
  const taken = new Set(set);
  let from = 0;
  let to = signs.length;
  while (from < to && taken.has(signs[from]!)) from++;
  while (to > from && taken.has(signs[to - 1]!)) to--;
  return signs.slice(from, to).join('');
}

function chomp(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return text.slice(0, end);
}

function joined([separator, ...lists]: [string, ...Value[][]]): string {
  const texts = lists.flat().map((one) => toText(one as Value, 'text'));
  checkLength(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
  return texts.join(separator);
}

function replaced(text: string, from: string, to: string): string {
  const count = text.split(from).length - 1 + (from === '' ? 2 : 0);
  checkLength(text.length + count * (to.length - from.length));
  return text.replaceAll(from, () => to);
}

function indented(count: number, text: string): string {
  const blanks = Math.min(1000, Math.max(0, whole(count)));
  return replaced(text, '\n', `\n${' '.repeat(blanks)}`);
}

export const textFunctions: FunctionTable = {
  basename: fn('s', ([path]) => (path === '' ? '.' : basename(path) || '/')),
  byteslen: fn('s', ([text]) => Buffer.byteLength(text)),
  bytesslice: fn('snn', ([text, offset, length]) =>
    Buffer.from(text)
      .subarray(whole(offset), whole(offset + length))
      .toString('utf8'),
  ),
  chomp: fn('s', ([text]) => chomp(text)),
  dirname: fn('s', ([path]) => dirname(path)),
  format: fn('sa*', ([form, ...args]) => formatText(form, args)),
  formatlist: fn('sa*', ([form, ...args]) => formatList(form, args)),
  indent: fn('ns', ([count, text]) => indented(count, text)),
  join: fn('sl*', (args) => joined(args as [string, ...Value[][]])),
  lower: fn('s', ([text]) => text.toLowerCase()),
  regex: fn('ss', ([source, text]) => firstMatch(source, text)),
  regexall: fn('ss', ([source, text]) => allMatches(source, text)),
  regex_replace: fn('sss', ([text, source, by]) => goExpression(source).replaceAll(text, by)),
  replace: fn('sss', ([text, from, to]) => replaced(text, from, to)),
  reverse: fn('s', ([text]) => letters(text).reverse().join('')),
  sanitize: fn('s', ([text]) => text.replace(/[^a-zA-Z0-9_-]/gu, '_')),
  split: fn('ss', ([separator, text]) => (text as string).split(separator)),
  strlen: fn('s', ([text]) => letters(text).length),
  substr: fn('snn', ([text, offset, length]) => substr(text, offset, length)),
  title: fn('s', ([text]) =>
    text.replace(
      /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
      (_: string, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  ),
  trim: fn('ss', ([text, set]) => trim(text, set)),
  trimprefix: fn('ss', ([text, prefix]) =>
    prefix !== '' && text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trimspace: fn('s', ([text]) => text.trim()),
  trimsuffix: fn('ss', ([text, suffix]) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  upper: fn('s', ([text]) => text.toUpperCase()),
};

/** Lists are walked together; what is no list is the same each time. */
function formatList(form: string, args: readonly Value[]): Value {
  const lists = args.filter(Array.isArray);
  const length = lists[0]?.length ?? 1;
  if (lists.some((list) => list.length !== length))
    throw valueError('the lists of formatlist are of different lengths');
  return Array.from({ length }, (_, index) =>
    formatText(
      form,
      args.map((arg) => (Array.isArray(arg) ? arg[index]! : arg)),
    ),
  );
}
