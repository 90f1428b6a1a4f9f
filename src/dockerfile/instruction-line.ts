// What the parser of each keyword gets, and what several of them share.
import { SlipwayError } from '../errors.ts';
import type { Command, Instruction, Keyword } from './instruction.ts';
import type { FlagValues } from './instruction-flags.ts';
import type { Statement } from './statement.ts';
import { parseJsonWords } from './words.ts';

export interface InstructionLine {
  keyword: Keyword;
  statement: Statement;
  /** Behind the flags, blanks at both ends taken off. */
  args: string;
  flags: FlagValues;
  escapeSign: '\\' | '`';
}

type BaseKey = 'written' | 'range' | 'text' | 'comments';

/** An instruction without what all of them have: the part that a keyword's parser makes. */
export type Body<T extends Instruction = Instruction> = T extends Instruction ? Omit<T, BaseKey> : never;

/** The exec form where the arguments are a JSON array, else one line for the shell, which may be empty. */
export function parseCommand(args: string): Command {
  const argv = parseJsonWords(args);
  return argv === undefined ? { form: 'shell', line: args } : { form: 'exec', argv };
}

/** Returns the arguments. @throws ERR_SYNTAX where there are none. */
export function requireArguments(keyword: Keyword, args: string): string {
  if (args !== '') return args;
  throw new SlipwayError('ERR_SYNTAX', `${keyword} requires at least one argument`, {
    hint: `give ${keyword} an argument or remove the line`,
  });
}
