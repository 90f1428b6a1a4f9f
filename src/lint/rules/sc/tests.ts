// `[ ... ]` read as an expression: its operators, and which words they stand between.
import type { Command, Word } from 'unbash';
import { programOf } from '../../shell/programs.ts';
import { literalText } from '../../shell/word-text.ts';

export interface Operator {
  word: Word;
  text: string;
  kind: 'unary' | 'binary' | 'join';
}

const binary = /^(?:=|==|!=|<|>|=~|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))$/;
const unary = /^-[a-zA-Z]$/;

/** Of a command that is `[`; none of others. */
export function operatorsOf(node: Command): Operator[] {
  if (programOf(node) !== '[') return [];
  const words = node.args.filter((arg) => arg.type === 'Word');
  const texts = words.map((word) => literalText(word));
  if (texts.at(-1) !== ']') return [];
  const found: Operator[] = [];
  const end = words.length - 1;
  const add = (at: number, kind: Operator['kind']) =>
    found.push({ word: words[at]!, text: texts[at]!, kind });
  let at = 0;
  while (at < end) {
    while (at < end && (texts[at] === '!' || texts[at] === '(')) at++;
    if (at + 1 < end && binary.test(texts[at + 1] ?? '')) {
      add(at + 1, 'binary');
      at += 3;
    } else if (at + 1 < end && unary.test(texts[at] ?? '') && !isJoin(texts[at + 1])) {
      add(at, 'unary');
      at += 2;
    } else at++;
    while (at < end && texts[at] === ')') at++;
    if (at < end && isJoin(texts[at])) add(at, 'join');
    at++;
  }
  return found;
}

function isJoin(text: string | undefined): boolean {
  return text === '-a' || text === '-o';
}
