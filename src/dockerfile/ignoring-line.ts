// Which line of an ignore file leaves a path out.
import { createIgnoreMatcher } from './ignore.ts';

export interface IgnoringLine {
  /** From 1. */
  line: number;
  /** As it is written. */
  pattern: string;
}

/** Undefined where the path is not left out. The path is relative, slash-separated and clean. @throws ERR_SYNTAX */
export function ignoringLine(text: string, path: string): IgnoringLine | undefined {
  if (!createIgnoreMatcher(text).ignores(path)) return undefined;
  const lines = text.split('\n');
  // The last line that turned it round decides: with the lines up to it the path is left out, without it it is not.
  for (let count = lines.length; count > 0; count--) {
    if (lines[count - 1]!.trim() === '') continue;
    if (!createIgnoreMatcher(lines.slice(0, count - 1).join('\n')).ignores(path))
      return { line: count, pattern: lines[count - 1]!.trim() };
  }
  return undefined;
}
