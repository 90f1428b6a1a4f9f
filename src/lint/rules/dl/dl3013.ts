// DL3013: what pip installs without a version is another thing next week.
import { tellUnpinned } from './pinned.ts';
import { isPinnedForPip, pipPackages } from './pip.ts';
import { type LintRule, runsOf } from './walk.ts';

export const dl3013: LintRule = {
  code: 'DL3013',
  name: 'UnpinnedPip',
  family: 'hadolint',
  description: 'pip install should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  *check(file) {
    for (const run of runsOf(file)) {
      for (const command of run.commands) {
        const words = pipPackages(command, file.compat);
        const isPinned = (text: string) => isPinnedForPip(text, file.compat);
        const form = 'name==version, or list them in a file with --requirement';
        if (words !== undefined) yield* tellUnpinned(file, run, { words, isPinned, form });
      }
    }
  },
};
