// Which line of an ignore file leaves a path out.
import { createIgnoreMatcher, readIgnoreLines } from './ignore.ts';

export interface IgnoringLine {
  /** From 1. */
  line: number;
  /** As it is written. */
  pattern: string;
}

/** Undefined where the path is not left out. The path is relative, slash-separated and clean. @throws ERR_SYNTAX */
export function ignoringLine(text: string, path: string): IgnoringLine | undefined {
  const lines = readIgnoreLines(text);
  const found = lines[createIgnoreMatcher(text).excluder(path)];
  return found && { line: found.line, pattern: found.text };
}
