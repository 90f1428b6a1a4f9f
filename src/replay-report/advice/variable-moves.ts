// ARG and ENV that change with each build could stand below the steps that do not use them.
import { applyFixes } from '../../lint/apply-fixes.ts';
import { fixOf, wholeLines } from '../../lint/fixes/parts.ts';
import type { LintFile, LintStep } from '../../lint/lint-file.ts';
import { isOneOf } from '../../lint/rules/dl/walk.ts';
import { changing, uses } from '../../lint/rules/sw/changing.ts';
import type { Candidates } from './candidate.ts';

/**
 * To the first instruction that names them, else to the end of the stage. A RUN has all of them in its environment: only names
 * that say they are marks of a build (`GIT_SHA`, `BUILD_DATE`) are taken for ones that no program reads.
 * @param names variables that made steps run again
 */
export function variableMoves(file: LintFile, names: readonly string[]): Candidates {
  const result: Candidates = { candidates: [], refusals: [] };
  const eol = file.dockerfile.text.includes('\r\n') ? '\r\n' : '\n';
  for (const { steps } of file.stages) {
    for (const [at, step] of steps.entries()) {
      const name = onlyName(step);
      if (name === undefined || !names.includes(name)) continue;
      const below = steps.slice(at + 1);
      const user = below.findIndex((one) => uses(one, name));
      const between = user < 0 ? below : below.slice(0, user);
      const run = between.find((one) => isOneOf(one, ['RUN']));
      const { range, keyword, comments } = step.instruction;
      if (run === undefined) continue;
      const where = `${keyword} ${name} (line ${range.start.line}) stays above line ${run.instruction.range.start.line}`;
      if (!changing.test(name))
        result.refusals.push(`${where}: the RUN there has ${name} in its environment and may read it`);
      else if (steps.some((one) => one !== step && onlyName(one) === name))
        result.refusals.push(`${where}: it is set twice`);
      else if (range.start.line !== range.end.line || comments.length > 0)
        result.refusals.push(`${where}: comments or several lines belong to it`);
      else {
        const before = between.at(-1)!;
        const line = before.instruction.range.end.line + 1;
        // At the end of a file there may be no line to stand on.
        if (line > file.lines().length) continue;
        const written = (file.lines()[range.start.line - 1] ?? '').trim();
        const title = `Move ${keyword} ${name} below ${before.instruction.keyword} in line ${before.instruction.range.end.line}`;
        const place = { line, column: 1 };
        const fix = fixOf(
          'suggested',
          title,
          { range: wholeLines(step), text: '' },
          { range: { start: place, end: place }, text: `${written}${eol}` },
        );
        const { text } = applyFixes(file.dockerfile.text, [fix]);
        result.candidates.push({
          title,
          text,
          note: `The steps above it run without ${name} in their environment.`,
        });
      }
    }
  }
  return result;
}

function onlyName(step: LintStep): string | undefined {
  if (isOneOf(step, ['ARG']))
    return step.instruction.args.length === 1 ? step.instruction.args[0]!.name : undefined;
  if (!isOneOf(step, ['ENV']) || step.instruction.keyword !== 'ENV') return undefined;
  return step.instruction.pairs.length === 1 ? step.instruction.pairs[0]!.key : undefined;
}
