// Fixes that add a flag to a command.
import { type Fix, insertAfter } from '../../fix.ts';
import type { ShellCommand } from '../../shell/command.ts';

/** Puts a flag behind the first of some words; undefined where none of them stands there. */
export function addFlag(command: ShellCommand, flag: string, behind: readonly string[]): Fix | undefined {
  if (!command.isEditable) return undefined;
  const word = command.words.find(({ text }) => behind.includes(text));
  if (word === undefined) return undefined;
  return { safety: 'safe', title: `Add ${flag}`, edits: [insertAfter(command.rangeOf(word), ` ${flag}`)] };
}
