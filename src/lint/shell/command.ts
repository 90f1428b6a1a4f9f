// A simple command of a script, and what rules ask of one. Flags are read as hadolint reads them: `--long=v` is `long`,
// `-abc` is a, b and c, wherever they stand.
import type { Command } from 'unbash';
import type { SourceRange } from '../../errors.ts';

export interface ShellWord {
  /** Without quotes; variables as `${name}`. */
  text: string;
  /** Names of the flags that it holds; none of them for other words. */
  flags: readonly string[];
  range(): SourceRange;
}

export interface ShellCommand {
  /** The program; behind `command`, `exec` and `builtin` the one that they run. */
  name: string;
  /** What stands behind the first word. */
  words: readonly ShellWord[];
  /** Of the word that names the program. */
  nameRange(): SourceRange;
  range(): SourceRange;
  /** Its ranges are where it is written, and edits there are edits of it: not so in exec form and in nested backquotes. */
  isEditable: boolean;
  node: Command;
}

/** Names of the flags in a word. */
export function flagsIn(text: string): readonly string[] {
  if (text.charCodeAt(0) !== 0x2d || text === '-' || text === '--') return none;
  if (text[1] !== '-') return [...text.slice(1)];
  const equals = text.indexOf('=');
  return [text.slice(2, equals < 0 ? undefined : equals)];
}

const none: readonly string[] = [];

export function hasFlag(command: ShellCommand, ...names: readonly string[]): boolean {
  return command.words.some(({ flags }) => flags.some((flag) => names.includes(flag)));
}

/** How often a flag is given. */
export function countFlag(command: ShellCommand, name: string): number {
  return command.words.flatMap(({ flags }) => flags).filter((flag) => flag === name).length;
}

/** Whether any word is one of the texts. */
export function hasWord(command: ShellCommand, ...texts: readonly string[]): boolean {
  return command.words.some(({ text }) => texts.includes(text));
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
  const dropped = new Set<number>();
  for (const [index, { text, flags }] of words.entries()) {
    if (!flags.some((flag) => names.includes(flag))) continue;
    if (greedy || !(text.startsWith('--') && text.includes('='))) dropped.add(index + 1);
  }
  return words.filter((_, index) => !dropped.has(index));
}

/** The word behind the first of some flags. */
export function valueBehind(command: ShellCommand, ...names: readonly string[]): ShellWord | undefined {
  const index = command.words.findIndex(({ flags }) => flags.some((flag) => names.includes(flag)));
  return index < 0 ? undefined : command.words[index + 1];
}
