// Patterns of `--filter reference=`: `*`, `?` and `[…]` within one part of a path, as Go's path.Match has them.
import { SlipwayError } from '../errors.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';

/** Whether a pattern fits a full name as people write it, with or without its tag. @throws ERR_USAGE for what is no pattern */
export function compileReferencePattern(pattern: string): (name: string) => boolean {
  const matches = compile(pattern);
  return (name) => {
    const { tag: _tag, digest: _digest, ...repository } = parseReference(name);
    return (
      matches.test(familiarReference(parseReference(name))) || matches.test(familiarReference(repository))
    );
  };
}

function compile(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; ) {
    const [piece, regex] = pieceAt(pattern, at);
    source += regex;
    at += piece;
  }
  return new RegExp(`^${source}$`, 'u');
}

/** How many characters a piece has, and what it says as a regular expression. */
function pieceAt(pattern: string, at: number): [number, string] {
  const bad = (): SlipwayError =>
    new SlipwayError('ERR_USAGE', `reference=${pattern} is no pattern`, { hint: 'as in busy*:1.?' });
  const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&');
  const character = String.fromCodePoint(pattern.codePointAt(at)!);
  switch (character) {
    case '*':
      // One star does what several do, and does not go through all their divisions.
      return [/^\*+/.exec(pattern.slice(at))![0].length, '[^/]*'];
    case '?':
      return [1, '[^/]'];
    case '\\': {
      const next = pattern.codePointAt(at + 1);
      if (next === undefined) throw bad();
      return [1 + String.fromCodePoint(next).length, literal(String.fromCodePoint(next))];
    }
    case '[': {
      const set = /^\[(\^?)((?:\\.|[^\]\\])+)\]/u.exec(pattern.slice(at));
      if (!set) throw bad();
      return [set[0].length, `(?!/)[${set[1]}${setOf(set[2]!, bad)}]`];
    }
    default:
      return [character.length, literal(character)];
  }
}

function setOf(text: string, bad: () => SlipwayError): string {
  const item = /(\\.|[^\\])(?:-(\\.|[^\\]))?/gu;
  return text.replace(item, (_all, from: string, to: string | undefined) => {
    const code = (part: string): number => part.replace(/^\\(?=.)/su, '').codePointAt(0)!;
    if (to !== undefined && code(from) > code(to)) throw bad();
    const hex = (part: string): string => `\\u{${code(part).toString(16)}}`;
    return to === undefined ? hex(from) : `${hex(from)}-${hex(to)}`;
  });
}
