// `# hadolint shell=/bin/bash`: the shell of what follows, said by a comment.
import type { LintFile } from '../lint-file.ts';
import { type Dialect, dialectOf } from './dialect.ts';

const form = /^\s*#\s*hadolint\s+shell\s*=\s*(\S+)/;

/** By the first line of the instruction that comes next. */
export function readShellComments(file: LintFile): ReadonlyMap<number, { dialect: Dialect | undefined }> {
  const found = new Map<number, { dialect: Dialect | undefined }>();
  if (!file.dockerfile.text.includes('hadolint')) return found;
  let behind = 0;
  for (const { instruction } of file.steps) {
    const { start, end } = instruction.range;
    for (const text of file.lines().slice(behind, start.line - 1)) {
      const program = form.exec(text)?.[1];
      if (program !== undefined) found.set(start.line, { dialect: dialectOf([program]) });
    }
    behind = end.line;
  }
  return found;
}
