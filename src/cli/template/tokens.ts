// A template cut into its texts and the tokens of its actions (Go text/template, "Text and spaces", "Actions").
import { templateError } from './syntax.ts';

export type Token =
  /** `.Name`, without the dot; `joined`: nothing but the operand stands before it. */
  | { kind: 'field'; name: string; joined: boolean }
  | { kind: 'word'; name: string }
  | { kind: 'variable'; name: string }
  | { kind: 'string'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'sign'; sign: string };

export type Piece = { kind: 'text'; text: string } | { kind: 'action'; tokens: Token[] };

const patterns: [RegExp, (match: RegExpExecArray, joined: boolean) => Token | undefined][] = [
  [/\s+/y, () => undefined],
  [/"(?:[^"\\\n]|\\.)*"/y, ([text]) => ({ kind: 'string', value: unquote(text) })],
  [/`([^`]*)`/y, ([, text]) => ({ kind: 'string', value: text! })],
  [/[+-]?0[xX][0-9a-fA-F]+(?![\w.])/y, ([text]) => number(text)],
  [/'(?:[^'\\\n]|\\.)'/y, ([text]) => ({ kind: 'number', value: unquote(text).codePointAt(0)! })],
  [/[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y, ([text]) => number(text)],
  [/\$([A-Za-z_]\w*)?/y, ([, name]) => ({ kind: 'variable', name: name ?? '' })],
  [/\.([A-Za-z_]\w*)/y, ([, name], joined) => ({ kind: 'field', name: name!, joined })],
  [/[A-Za-z_]\w*/y, ([name]) => ({ kind: 'word', name })],
  [/:=|[|(),.=]/y, ([sign]) => ({ kind: 'sign', sign })],
];

/** @throws ERR_USAGE */
export function splitTemplate(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  for (;;) {
    const open = source.indexOf('{{', at);
    const trims = open >= 0 && /^-\s/.test(source.slice(open + 2, open + 4));
    let text = source.slice(at, open < 0 ? source.length : open);
    if (trimNext) text = text.trimStart();
    if (trims) text = text.trimEnd();
    if (text !== '') pieces.push({ kind: 'text', text });
    if (open < 0) return pieces;
    const action = readAction(source, open + 2 + (trims ? 1 : 0));
    if (action.tokens) pieces.push({ kind: 'action', tokens: action.tokens });
    at = action.end;
    trimNext = action.trims;
  }
}

interface Action {
  /** Undefined: a comment. */
  tokens: Token[] | undefined;
  end: number;
  trims: boolean;
}

const closing = /(\s-)?\}\}/y;

function readAction(source: string, start: number): Action {
  const comment = /\s*\/\*[\s\S]*?\*\/(\s-)?\}\}/y;
  comment.lastIndex = start;
  const found = comment.exec(source);
  if (found) return { tokens: undefined, end: comment.lastIndex, trims: found[1] !== undefined };
  const tokens: Token[] = [];
  let at = start;
  let joined = false;
  for (;;) {
    closing.lastIndex = at;
    const end = closing.exec(source);
    if (end) return { tokens, end: closing.lastIndex, trims: end[1] !== undefined };
    if (at >= source.length)
      throw templateError(`{{${source.slice(start, start + 40)} is not closed with }}`);
    const before = at;
    for (const [pattern, make] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(source);
      if (!match) continue;
      at = pattern.lastIndex;
      const token = make(match, joined);
      if (token) tokens.push(token);
      joined = token !== undefined && !(token.kind === 'sign' && token.sign !== ')' && token.sign !== '.');
      break;
    }
    if (at === before) throw templateError(`unexpected ${JSON.stringify(source[at])} in an action`);
  }
}

const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/gs, (whole, what: string) => {
    if (what.length > 1) return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    const plain = escapes[what];
    if (plain === undefined) throw templateError(`${text}: there is no escape ${whole}`);
    return plain;
  });
}

function number(text: string): Token {
  const [, sign, digits] = /^([+-]?)(.*)$/.exec(text)!;
  return { kind: 'number', value: Number(digits) * (sign === '-' ? -1 : 1) };
}
