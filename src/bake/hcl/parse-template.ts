// Templates: text with ${…} and %{…}, in quotes, in heredocs, and in strings of JSON.
import type { SlipwayError, SourceRange } from '../../errors.ts';
import { withoutIndent } from './heredoc-indent.ts';
import { parseExpression } from './parse-expression.ts';
import { createScanner, type Scanner } from './scanner.ts';
import type { Expression } from './syntax.ts';

type Ending = 'end' | 'else' | 'endif' | 'endfor';

interface Sequence {
  parts: Expression[];
  ending: Ending;
}

/** How literal text reads: with backslashes up to a quote, or as it stands. */
type Form = 'quoted' | 'raw';

/** A string in quotes; the scanner stands on the first. @throws ERR_SYNTAX */
export function parseQuoted(scanner: Scanner): Expression {
  const start = scanner.at++;
  const { parts } = parseSequence(scanner, 'quoted', ['end'], start);
  if (!scanner.take('"'))
    throw scanner.error('the string is not closed', { start, hint: 'end it with " on the same line' });
  return fold(parts, scanner, start);
}

/** A template that is all of the text. */
export function parseTemplateText(text: string, file: string, range: SourceRange): Expression {
  const scanner = createScanner(text, file, range);
  scanner.at = 0;
  return fold(parseSequence(scanner, 'raw', ['end'], 0).parts, scanner, 0);
}

/** `<<NAME` or `<<-NAME`, up to a line that is NAME alone. @throws ERR_SYNTAX */
export function parseHeredoc(scanner: Scanner): Expression {
  const start = scanner.at;
  scanner.at += 2;
  const indented = scanner.take('-');
  const name = scanner.identifier();
  if (name === undefined || !/^\r?\n/.test(scanner.text.slice(scanner.at, scanner.at + 2)))
    throw scanner.error('a heredoc begins with <<NAME at the end of a line', { start });
  const bodyStart = scanner.text.indexOf('\n', scanner.at) + 1;
  let lineStart = bodyStart;
  for (;;) {
    const newline = scanner.text.indexOf('\n', lineStart);
    const lineEnd = newline < 0 || newline > scanner.end ? scanner.end : newline;
    if (scanner.text.slice(lineStart, lineEnd).trim() === name) {
      const outer = scanner.end;
      scanner.at = bodyStart;
      scanner.end = lineStart;
      const { parts } = parseSequence(scanner, 'raw', ['end'], start);
      scanner.end = outer;
      scanner.at = lineEnd;
      return fold(indented ? withoutIndent(parts) : parts, scanner, start);
    }
    if (lineEnd >= scanner.end)
      throw scanner.error(`the heredoc ${name} is not closed`, {
        start,
        hint: `end it with a line that is ${name} alone`,
      });
    lineStart = lineEnd + 1;
  }
}

function parseSequence(scanner: Scanner, form: Form, endings: readonly Ending[], start: number): Sequence {
  const parts: Expression[] = [];
  let literal = '';
  let from = scanner.at;

  const flush = (): void => {
    if (literal !== '') parts.push({ kind: 'literal', value: literal, place: scanner.place(from) });
    literal = '';
  };
  const open = (): number => {
    const at = scanner.at;
    scanner.at += 2;
    if (scanner.take('~')) literal = literal.trimEnd();
    flush();
    return at;
  };
  const close = (at: number): void => {
    scanner.skipLines();
    const trims = scanner.take('~');
    if (!scanner.take('}'))
      throw scanner.error('"}" is missing', { start: scanner.at < scanner.end ? scanner.at : at });
    if (trims) skipBlanks(scanner);
    from = scanner.at;
  };

  for (;;) {
    const next = scanner.peek();
    if (next === '' || (form === 'quoted' && (next === '"' || next === '\n'))) {
      if (!endings.includes('end')) throw scanner.error(`%{ ${endings.at(-1)} } is missing`, { start });
      flush();
      return { parts, ending: 'end' };
    }
    if (scanner.startsWith('$${') || scanner.startsWith('%%{')) {
      literal += `${next}{`;
      scanner.at += 3;
    } else if (scanner.startsWith('${')) {
      const at = open();
      parts.push(scanner.nested(true, () => parseExpression(scanner)));
      close(at);
    } else if (scanner.startsWith('%{')) {
      const at = open();
      scanner.skipLines();
      const word = scanner.identifier();
      const ending = endings.find((one) => one === word);
      if (ending) {
        close(at);
        return { parts, ending };
      }
      parts.push(
        scanner.nested(true, () => parseDirective(scanner, { word, form, at, close: () => close(at) })),
      );
    } else if (form === 'quoted' && next === '\\') literal += readEscape(scanner);
    else {
      literal += next;
      scanner.at++;
    }
  }
}

function skipBlanks(scanner: Scanner): void {
  while (/^\s$/.test(scanner.peek())) scanner.at++;
}

interface Directive {
  word: string | undefined;
  form: Form;
  /** Where it begins. */
  at: number;
  close(): void;
}

function parseDirective(scanner: Scanner, directive: Directive): Expression {
  const { word, form, at, close } = directive;
  if (word === 'if') {
    const test = parseExpression(scanner);
    close();
    const then = parseSequence(scanner, form, ['else', 'endif'], at);
    const other = then.ending === 'else' ? parseSequence(scanner, form, ['endif'], at).parts : [];
    const place = scanner.place(at);
    return {
      kind: 'conditional',
      test,
      yes: text(then.parts, scanner, at),
      no: text(other, scanner, at),
      place,
    };
  }
  if (word === 'for') {
    const { keyName, valueName } = parseForNames(scanner);
    const of = parseExpression(scanner);
    close();
    const { parts } = parseSequence(scanner, form, ['endfor'], at);
    const value = text(parts, scanner, at);
    const place = scanner.place(at);
    return {
      kind: 'for',
      keyName,
      valueName,
      of,
      key: undefined,
      value,
      condition: undefined,
      grouped: false,
      text: true,
      place,
    };
  }
  throw unknownDirective(scanner, at, word);
}

function unknownDirective(scanner: Scanner, start: number, word: string | undefined): SlipwayError {
  return scanner.error(`%{ ${word ?? ''} } is no directive here`, {
    start,
    hint: 'known are if, else, endif, for and endfor; a literal %{ is written %%{',
  });
}

/** `k, v in` */
export function parseForNames(scanner: Scanner): { keyName: string | undefined; valueName: string } {
  const names: string[] = [];
  do {
    scanner.skipLines();
    const name = scanner.identifier();
    if (name === undefined)
      throw scanner.error('a name is missing after for', {
        hint: 'for item in list, or for key, value in map',
      });
    names.push(name);
    scanner.skipLines();
  } while (names.length < 2 && scanner.take(','));
  if (scanner.identifier() !== 'in') throw scanner.error('"in" is missing after the names of for');
  const [first, second] = names as [string, string?];
  return second === undefined
    ? { keyName: undefined, valueName: first }
    : { keyName: first, valueName: second };
}

function readEscape(scanner: Scanner): string {
  const letter = scanner.peek(1);
  const simple: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
  const known = Object.hasOwn(simple, letter) ? simple[letter] : undefined;
  if (known !== undefined) {
    scanner.at += 2;
    return known;
  }
  const code = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(
    scanner.text.slice(scanner.at, scanner.at + 10),
  );
  const point = code ? Number.parseInt((code[1] ?? code[2])!, 16) : -1;
  if (!code || point > 0x10ffff)
    throw scanner.error(`\\${letter} is no escape sequence`, {
      hint: 'known are \\n, \\r, \\t, \\", \\\\, \\uNNNN; a backslash is written \\\\',
    });
  scanner.at += code[0].length;
  return String.fromCodePoint(point);
}

const text = (parts: Expression[], scanner: Scanner, start: number): Expression => ({
  kind: 'template',
  // An empty literal keeps a single hole from being more than text.
  parts: [...parts, { kind: 'literal', value: '', place: scanner.place(start) }],
  place: scanner.place(start),
});

/** Text alone is a literal. */
function fold(parts: Expression[], scanner: Scanner, start: number): Expression {
  const place = scanner.place(start);
  if (parts.every((part) => part.kind === 'literal'))
    return {
      kind: 'literal',
      value: parts.map((part) => (part.kind === 'literal' ? part.value : '')).join(''),
      place,
    };
  return { kind: 'template', parts, place };
}
