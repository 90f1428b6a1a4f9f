// DL3013: what pip installs without a version is another thing next week.
import { tellUnpinned } from './pinned.ts';
import { isPinnedForPip, pipNames, pipPackages, pipRuns } from './pip.ts';
import type { LintRule } from './walk.ts';

export const dl3013: LintRule = {
  code: 'DL3013',
  name: 'UnpinnedPip',
  family: 'hadolint',
  description: 'pip install should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  on: pipNames,
  *check(file) {
    const isPinned = (text: string) => isPinnedForPip(text, file.compat);
    const form = 'name==version, or list them in a file with --requirement';
    for (const { step, commands } of pipRuns(file)) {
      for (const command of commands) {
        const words = pipPackages(command, file.compat);
        if (words !== undefined) yield* tellUnpinned(file, { step, command }, { words, isPinned, form });
      }
    }
  },
};
