// A simple command of a script, and what rules ask of one. Flags are read as hadolint reads them: `--long=v` is `long`,
// `-abc` is a, b and c, wherever they stand.
import type { SourceRange } from '../../errors.ts';
import type { Span } from './place.ts';

export interface ShellWord {
  /** Without quotes; variables as `${name}`. */
  text: string;
  /** Names of the flags that it holds; none of them for other words. */
  flags: readonly string[];
  /** In the text that the command is of. */
  span: Span;
}

export interface ShellCommand {
  /** The program; behind `command`, `exec` and `builtin` the one that they run. */
  readonly name: string;
  /** What stands behind the first word. */
  readonly words: readonly ShellWord[];
  /** Its ranges are where it is written, and edits there are edits of it: not so in exec form and in nested backquotes. */
  readonly isEditable: boolean;
  range(): SourceRange;
  /** Of the word that names the program. */
  nameRange(): SourceRange;
  /** Of one of its words. */
  rangeOf(word: ShellWord): SourceRange;
}

/** What most questions are about: it is the same wherever the command stands. */
export type Call = Pick<ShellCommand, 'name' | 'words'>;

/** Names of the flags in a word. */
export function flagsIn(text: string): readonly string[] {
  if (text.charCodeAt(0) !== 0x2d || text === '-' || text === '--') return none;
  if (text[1] !== '-') return [...text.slice(1)];
  const equals = text.indexOf('=');
  return [text.slice(2, equals < 0 ? undefined : equals)];
}

const none: readonly string[] = [];

export function hasFlag({ words }: Call, ...names: readonly string[]): boolean {
  for (const { flags } of words) for (const flag of flags) if (names.includes(flag)) return true;
  return false;
}

/** How often a flag is given. */
export function countFlag({ words }: Call, name: string): number {
  let count = 0;
  for (const { flags } of words) for (const flag of flags) if (flag === name) count++;
  return count;
}

/** Whether any word is one of the texts. */
export function hasWord({ words }: Call, ...texts: readonly string[]): boolean {
  for (const { text } of words) if (texts.includes(text)) return true;
  return false;
}

/** The words that are no flags. */
export function operands(words: readonly ShellWord[]): ShellWord[] {
  return words.filter(({ flags }) => flags.length === 0);
}

/** How the values of flags are told from operands. */
export interface FlagValues {
  names: readonly string[];
  /** `--name=value` takes the next word away, too: hadolint's way. */
  greedy: boolean;
}

/** The words without the values that follow some flags. */
export function withoutValues(words: readonly ShellWord[], { names, greedy }: FlagValues): ShellWord[] {
  const kept: ShellWord[] = [];
  let isValue = false;
  for (const word of words) {
    const { text, flags } = word;
    if (!isValue) kept.push(word);
    isValue =
      flags.some((flag) => names.includes(flag)) &&
      (greedy || !(text.startsWith('--') && text.includes('=')));
  }
  return kept;
}

/** The word behind the first of some flags. */
export function valueBehind(command: ShellCommand, ...names: readonly string[]): ShellWord | undefined {
  const index = command.words.findIndex(({ flags }) => flags.some((flag) => names.includes(flag)));
  return index < 0 ? undefined : command.words[index + 1];
}
