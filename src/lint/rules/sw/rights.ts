// RUNs that change owners or permission bits of what a COPY above has just brought.
import type { Fix } from '../../fix.ts';
import { insertAfter } from '../../fix.ts';
import { fixOf, keywordRange, wholeLines } from '../../fixes/parts.ts';
import type { LintFile, LintStage, LintStep } from '../../lint-file.ts';
import { operands, type ShellCommand } from '../../shell/command.ts';
import { isOneOf } from '../dl/walk.ts';
import { absolutePath, type CopyStep, copiedPaths } from './copied.ts';

export interface RightsChange {
  run: LintStep;
  command: ShellCommand;
  /** The mode or the owner. */
  value: string;
  /** The COPY that brought what is changed. */
  copy: CopyStep;
  /** What is changed is all that the COPY brought, and the RUN does nothing else. */
  isExact: boolean;
}

/** The calls of a program on paths that a COPY above, without the flag of that name, has made. */
export function* rightsChanges(
  file: LintFile,
  { steps }: LintStage,
  name: 'chmod' | 'chown',
): Generator<RightsChange> {
  const copies: CopyStep[] = [];
  for (const run of steps) {
    if (isOneOf(run, ['COPY', 'ADD'])) copies.push(run);
    const commands = run.script()?.commands ?? [];
    for (const command of commands) {
      if (command.name !== name) continue;
      // `-x` takes a right away, and is no flag.
      const words = command.words.filter(
        ({ text, flags }) => flags.length === 0 || /^-[rwxXst]+$/.test(text),
      );
      const [value, ...paths] = words.map(({ text }) => text);
      if (value === undefined || /[$`]/.test(value)) continue;
      const isRecursive = operands(command.words).length < command.words.length;
      const changed = paths.map((path) => absolutePath(run, path, file));
      const copy = copies.findLast((one) => {
        if (one.instruction[name] !== undefined) return false;
        const made = copiedPaths(one, file);
        return changed.some(
          (path) =>
            path !== undefined &&
            path !== '/' &&
            made.some(
              (other) => other === path || (isRecursive && other.startsWith(`${path.replace(/\/$/, '')}/`)),
            ),
        );
      });
      if (copy === undefined) continue;
      const isExact =
        commands.length === 1 &&
        paths.length === 1 &&
        copy.instruction.sources.length === 1 &&
        run.instruction.range.start.line === run.instruction.range.end.line &&
        copiedPaths(copy, file).includes(changed[0]!.replace(/(?<=.)\/$/, ''));
      yield { run, command, value, copy, isExact };
    }
  }
}

/** The flag at the COPY in the place of the RUN. */
export function moveIntoCopy({ run, copy, isExact }: RightsChange, flag: string): Fix | undefined {
  if (!isExact) return undefined;
  return fixOf('suggested', `Copy with ${flag}`, insertAfter(keywordRange(copy), ` ${flag}`), {
    range: wholeLines(run),
    text: '',
  });
}
