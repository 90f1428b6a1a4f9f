// Functions on text.
import { basename, dirname } from 'node:path/posix';
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

/** Go's patterns as JavaScript's. @throws ERR_EXPANSION */
function pattern(source: string, flags = ''): RegExp {
  const [, mode = '', rest = source] = /^\(\?([ims]+)\)(.*)$/s.exec(source) ?? [];
  try {
    return new RegExp(rest.replaceAll('(?P<', '(?<'), `u${mode}${flags}`);
  } catch (cause) {
    throw valueError(
      `${JSON.stringify(source)} is no regular expression: ${(cause as Error).message.replace(/^.*: /, '')}`,
    );
  }
}

/** The whole match, its groups as a list, or as an object where they have names. */
function captures(match: RegExpExecArray | RegExpMatchArray): Value {
  const named = Object.entries(match.groups ?? {});
  if (named.length > 0) return new Map(named.map(([name, text]) => [name, text ?? null]));
  return match.length > 1 ? match.slice(1).map((text) => text ?? null) : match[0];
}

function firstMatch(source: string, text: string): Value {
  const match = pattern(source).exec(text);
  if (match) return captures(match);
  throw valueError(
    `${JSON.stringify(source)} matches nothing in ${JSON.stringify(text)}`,
    'try(regex(…), "") gives another value instead',
  );
}

/** Go writes ${name}, $name and $1. */
const replacement = (text: string): string =>
  text.replace(/\$(?:\{(\w+)\}|(\w+)|\$)/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return whole;
    return /^\d+$/.test(name) ? `$${name}` : `$<${name}>`;
  });

function substr(text: string, offset: number, length: number): string {
  const all = letters(text);
  const start = whole(offset) < 0 ? Math.max(0, all.length + offset) : offset;
  return all.slice(start, whole(length) < 0 ? undefined : start + length).join('');
}

const escaped = (set: string): string => set.replace(/[\]\\^-]/g, '\\$&');

function trim(text: string, set: string): string {
  if (set === '') return text;
  return text
    .replace(new RegExp(`^[${escaped(set)}]+`, 'u'), '')
    .replace(new RegExp(`[${escaped(set)}]+$`, 'u'), '');
}

const joined = ([separator, ...lists]: [string, ...Value[][]]): string =>
  lists
    .flat()
    .map((one) => toText(one as Value, 'text'))
    .join(separator);

export const textFunctions: FunctionTable = {
  basename: fn('s', ([path]) => (path === '' ? '.' : basename(path) || '/')),
  byteslen: fn('s', ([text]) => Buffer.byteLength(text)),
  bytesslice: fn('snn', ([text, offset, length]) =>
    Buffer.from(text)
      .subarray(whole(offset), whole(offset + length))
      .toString('utf8'),
  ),
  chomp: fn('s', ([text]) => text.replace(/[\r\n]+$/, '')),
  dirname: fn('s', ([path]) => dirname(path)),
  format: fn('sa*', ([form, ...args]) => formatText(form, args)),
  formatlist: fn('sa*', ([form, ...args]) => formatList(form, args)),
  indent: fn('ns', ([count, text]) =>
    text.replaceAll('\n', `\n${' '.repeat(Math.min(1000, Math.max(0, whole(count))))}`),
  ),
  join: fn('sl*', (args) => joined(args as [string, ...Value[][]])),
  lower: fn('s', ([text]) => text.toLowerCase()),
  regex: fn('ss', ([source, text]) => firstMatch(source, text)),
  regexall: fn('ss', ([source, text]) => [...(text as string).matchAll(pattern(source, 'g'))].map(captures)),
  regex_replace: fn('sss', ([text, source, by]) => text.replace(pattern(source, 'g'), replacement(by))),
  replace: fn('sss', ([text, from, to]) => (text as string).replaceAll(from, () => to)),
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
