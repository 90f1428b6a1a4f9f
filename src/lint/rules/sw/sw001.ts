// SW001: with everything copied in front of it, the installation of dependencies runs again for each change of any file.
import type { Fix } from '../../fix.ts';
import { argumentsOf, fixOf, wholeLines } from '../../fixes/parts.ts';
import type { LintFile, LintStep } from '../../lint-file.ts';
import { at, type LintRule, unquote } from '../dl/walk.ts';
import { type CopyStep, copiesAll, isContextCopy } from './copied.ts';
import { type Install, readInstall } from './installs.ts';
import { slowBelowCopies } from './slow.ts';

export const sw001: LintRule = {
  code: 'SW001',
  name: 'CopyBeforeInstall',
  family: 'slipway',
  description: 'Manifests should be copied and their dependencies installed before the rest is copied',
  severity: 'info',
  scope: 'instruction',
  on: ['COPY', 'ADD'],
  *check(file) {
    // SW013 says the same of these, and how long it took.
    const told = file.settings.severities?.['SW013'] === 'off' ? [] : slowBelowCopies(file);
    for (const { steps } of file.stages) {
      if (!steps.some((step) => isContextCopy(step) && copiesAll(step))) continue;
      let copy: CopyStep | undefined;
      const earlier = new Set<string>();
      for (const step of steps) {
        if (isContextCopy(step) && copiesAll(step)) copy ??= step;
        for (const command of step.script()?.code.commands ?? []) {
          const install = readInstall(command);
          if (install === undefined) continue;
          if (copy === undefined) earlier.add(command.name);
          else if (!earlier.has(command.name) && !told.some(({ run }) => run === step)) {
            const { line } = step.instruction.range.start;
            const names = install.manifests.join(' and ');
            const message = `With everything copied here, ${install.call} in line ${line} runs again for each change: copy ${names} above it and the rest below`;
            yield { ...at(copy, message), fix: splitCopy(copy, step, { install, file }) };
            earlier.add(command.name);
          }
        }
      }
    }
  },
};

/** The manifests in the place of everything, and everything behind the RUN. What the RUN needs else, nobody knows. */
function splitCopy(
  copy: CopyStep,
  run: LintStep,
  { install, file }: { install: Install; file: LintFile },
): Fix | undefined {
  const { steps } = copy.stage!;
  const { sources, destination, range } = copy.instruction;
  const isNext = steps[steps.indexOf(copy) + 1] === run && run.script()?.commands.length === 1;
  const { from } = argumentsOf(copy);
  const { text } = copy.statement;
  if (!isNext || sources.length > 1 || text[from] === '[' || range.start.line !== range.end.line)
    return undefined;
  const target = unquote(destination).replace(/\/?$/, '/');
  const eol = file.dockerfile.text.includes('\r\n') ? '\r\n' : '\n';
  const behind = { line: run.instruction.range.end.line + 1, column: 1 };
  const isLast = behind.line > file.lines().length;
  const end = run.instruction.range.end;
  return fixOf(
    'suggested',
    'Copy the manifests first',
    { range: wholeLines(copy), text: `${text.slice(0, from)}${install.manifests.join(' ')} ${target}${eol}` },
    isLast
      ? { range: { start: end, end }, text: `${eol}${text.trimEnd()}` }
      : { range: { start: behind, end: behind }, text: `${text.trimEnd()}${eol}` },
  );
}
