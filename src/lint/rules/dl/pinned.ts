// Tells of packages that are installed without a version.

import type { RunCommand } from '../../file-index.ts';
import type { LintFile } from '../../lint-file.ts';
import type { Report } from '../../rule.ts';
import type { ShellWord } from '../../shell/command.ts';
import { at, list, spanOf } from './walk.ts';

/** A word that is a variable and nothing else may hold anything. */
const unknown = /^\$\{\w+\}$/;

/**
 * One report for the packages of a command that are not pinned.
 * @param form how a version is written, for the message: `name=version`.
 */
export function* tellUnpinned(
  file: LintFile,
  { step, command }: Pick<RunCommand, 'step' | 'command'>,
  {
    words,
    isPinned,
    form,
  }: { words: readonly ShellWord[]; isPinned: (text: string) => boolean; form: string },
): Generator<Report> {
  const loose = words.filter(({ text }) => !isPinned(text) && (file.compat || !unknown.test(text)));
  if (loose.length === 0) return;
  const names = list(loose.map(({ text }) => text));
  yield at(
    step,
    `No version is given for ${names}: the next build may get another one. Write ${form}`,
    spanOf(command, loose),
  );
}
