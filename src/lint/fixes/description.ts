// A comment that begins with the name of what it describes.
import type { Fix } from '../fix.ts';
import type { LintFile, LintStep } from '../lint-file.ts';
import { fixOf } from './parts.ts';

export function fixDescription({ instruction }: LintStep, file: LintFile): Fix | undefined {
  const name =
    instruction.keyword === 'ARG'
      ? instruction.args[0]?.name
      : instruction.keyword === 'FROM'
        ? instruction.name
        : undefined;
  const line = instruction.range.start.line - 1;
  const found = /^(\s*#\s*)\S/.exec(file.lines()[line - 1] ?? '');
  // What is for linters is no description.
  if (
    name === undefined ||
    found === null ||
    /^(?:hadolint\b|check=)/.test(instruction.comments.at(-1) ?? '')
  )
    return undefined;
  const at = { line, column: found[1]!.length + 1 };
  return fixOf('suggested', `Begin with ${name}`, { range: { start: at, end: at }, text: `${name} ` });
}
