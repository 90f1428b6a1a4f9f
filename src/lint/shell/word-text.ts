// Words of the shell as plain text: quotes taken off, what is expanded marked.
import type { Word, WordPart } from 'unbash';

/** Nothing in it is quoted or expanded. */
const plain = /^[\w./:=@%+,-]*$/;

/** The text with its variables as `${name}`; what a command or a calculation gives is `${VAR}`. */
export function wordText(word: Word): string {
  if (plain.test(word.text)) return word.text;
  return word.parts === undefined ? word.value : word.parts.map(partText).join('');
}

function partText(part: WordPart): string {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.map(partText).join('');
    case 'SimpleExpansion':
      return `\${${part.text.slice(1)}}`;
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
      return '${VAR}';
    default:
      return part.text;
  }
}

/** The text of a word in which nothing is expanded; undefined where something is. */
export function literalText(word: Word): string | undefined {
  if (plain.test(word.text)) return word.text;
  if (word.parts === undefined) return word.value;
  const texts = word.parts.map(literalPart);
  return texts.includes(undefined) ? undefined : texts.join('');
}

function literalPart(part: WordPart): string | undefined {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value;
    case 'DoubleQuoted': {
      const texts = part.parts.map(literalPart);
      return texts.includes(undefined) ? undefined : texts.join('');
    }
    default:
      return undefined;
  }
}
