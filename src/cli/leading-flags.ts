// Where the flags of a command end that hands the rest of its words to another program.
import type { Flag } from './arguments.ts';

/**
 * Splits before the first word that is neither a flag nor a flag's value, and at `--`, which is dropped. A flag that the
 * table does not have counts as one without a value: whoever reads the flags says that it is unknown.
 */
export function splitLeadingFlags(
  table: readonly Flag[],
  argv: readonly string[],
): { flags: string[]; words: string[] } {
  let at = 0;
  while (at < argv.length) {
    const word = argv[at]!;
    if (word === '--') return { flags: argv.slice(0, at), words: argv.slice(at + 1) };
    if (!word.startsWith('-') || word === '-') break;
    at += takesNext(table, word) ? 2 : 1;
  }
  return { flags: argv.slice(0, at), words: argv.slice(at) };
}

/** Whether a word is a flag whose value is the next word. */
export function takesNext(table: readonly Flag[], word: string): boolean {
  if (word.startsWith('--')) {
    const flag = table.find((one) => one.name === word.slice(2));
    return flag !== undefined && flag.type !== 'boolean';
  }
  for (let i = 1; i < word.length; i++) {
    const flag = table.find((one) => one.short === word[i]);
    if (flag === undefined || word[i + 1] === '=') return false;
    if (flag.type !== 'boolean') return i === word.length - 1;
  }
  return false;
}
