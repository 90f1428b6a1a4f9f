// Joins a RUN to the one above it.
import type { RunInstruction } from '../../dockerfile/instruction.ts';
import type { Edit, Fix } from '../fix.ts';
import type { LintFile, LintStep } from '../lint-file.ts';
import { argumentsOf, fixOf, rangeOf } from './parts.ts';

/** What changes the shell that the next command would get. */
const lasting =
  /^(?:\.|alias|cd|eval|exec|exit|export|popd|pushd|readonly|return|set|shopt|source|trap|ulimit|umask|unset)$/;

/** Undefined where the commands would see each other, or a comment between them is for the linter. */
export function fixJoinedRuns(
  above: LintStep<RunInstruction>,
  step: LintStep<RunInstruction>,
  file: LintFile,
): Fix | undefined {
  if (![above, step].every(isPlain)) return undefined;
  if (step.instruction.comments.some((comment) => /^(?:hadolint|check=)/.test(comment))) return undefined;
  const { range } = above.instruction;
  const edits: Edit[] = [{ range: { start: range.end, end: range.end }, text: ` ${file.dockerfile.escape}` }];
  for (let line = range.end.line + 1; line < step.instruction.range.start.line; line++) {
    if ((file.lines()[line - 1] ?? '').trim() !== '') continue;
    edits.push({ range: { start: { line, column: 1 }, end: { line: line + 1, column: 1 } }, text: '' });
  }
  const { from } = argumentsOf(step);
  const start = step.instruction.range.start;
  const first = rangeOf(step, from, from + 1).start;
  if (first.line !== start.line) return undefined;
  edits.push({ range: { start, end: first }, text: '    && ' });
  return fixOf('suggested', 'Join it to the RUN above', ...edits);
}

function isPlain(step: LintStep<RunInstruction>): boolean {
  const script = step.script();
  if (script === undefined || script.source.form !== 'line' || script.errors.length > 0) return false;
  const [command] = script.commands;
  if (script.commands.length !== 1 || script.root.commands.length !== 1 || command === undefined)
    return false;
  return !lasting.test(command.name) && !/[#\n]|<<|\|\||[;&\\]\s*$|^!/.test(script.source.text);
}
