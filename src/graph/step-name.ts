// Steps in the user's words, as the progress, the cache and the records of builds name them: variables as they are written.
import type { CopyInstruction, RunInstruction } from '../dockerfile/instruction.ts';
import { redactSource } from '../redact-source.ts';

/** With the first line of a heredoc. */
export function runName(instruction: RunInstruction): string {
  const summary = instruction.heredocs[0]?.body.trim().split('\n')[0];
  return summary === undefined ? instruction.text : `${instruction.text} (${summary})`;
}

/** Logins in URLs are left out. */
export function copyName(instruction: CopyInstruction): string {
  return redactSource(instruction.text);
}
