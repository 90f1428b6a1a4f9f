// Flags in front of an instruction's arguments: `--from=x`, `--link`, quoted in whole or in part.
import { isSpace } from './space.ts';

export interface Flag {
  /** As written without quotes: `--name=value`. */
  text: string;
  /** Offsets in the logical line. */
  from: number;
  to: number;
}

/**
 * Cuts the words that begin with `--` off the front of `line`, beginning at offset `from`; a lone `--` ends them. Quotes
 * and backslashes (whatever `# escape` says) are taken off. `rest` is where the arguments begin.
 */
export function readFlags(line: string, from: number): { flags: Flag[]; rest: number } {
  const flags: Flag[] = [];
  let at = from;
  for (;;) {
    while (at < line.length && isSpace(line, at)) at++;
    if (!line.startsWith('--', at)) return { flags, rest: at };
    const start = at;
    let text = '';
    let quote = '';
    for (; at < line.length && (quote !== '' || !isSpace(line, at)); at++) {
      const sign = line[at]!;
      if (sign === '\\') text += line[++at] ?? '';
      else if (sign === quote) quote = '';
      else if (quote === '' && (sign === '"' || sign === "'")) quote = sign;
      else text += sign;
    }
    at = Math.min(at, line.length);
    if (text === '--') return { flags, rest: at };
    flags.push({ text, from: start, to: at });
  }
}
