// Words as ShellCheck sees them where it looks for text: what is expanded is left out.
import type { Word, WordPart } from 'unbash';

export function literalOf(word: Word): string {
  return word.parts === undefined ? word.value : word.parts.map(literalPart).join('');
}

function literalPart(part: WordPart): string {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'Glob':
      return part.value;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.map(literalPart).join('');
    default:
      return '';
  }
}

/** Whether something in it is known only when it runs. */
export function isVariable(word: Word): boolean {
  return (word.parts ?? []).some(isVariablePart);
}

function isVariablePart(part: WordPart): boolean {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return false;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.some(isVariablePart);
    default:
      return true;
  }
}
