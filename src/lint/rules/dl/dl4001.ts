// DL4001: one of wget and curl is enough for an image.
import { at, type LintRule, runsWith } from './walk.ts';

export const dl4001: LintRule = {
  code: 'DL4001',
  name: 'WgetAndCurl',
  family: 'hadolint',
  description: 'A stage should call either wget or curl, not both',
  severity: 'warning',
  scope: 'instruction',
  on: ['wget'],
  *check(file) {
    const used = new Map<unknown, Set<string>>();
    for (const { step, commands } of runsWith(file, ['curl', 'wget'])) {
      const calls = commands.filter(({ name }) => name === 'curl' || name === 'wget');
      if (calls.length === 0) continue;
      // hadolint keeps what ONBUILD triggers apart, and never forgets it.
      const key = file.compat && step.isTrigger ? 'ONBUILD' : step.stage;
      const names = used.get(key) ?? new Set();
      used.set(key, names);
      for (const { name } of calls) names.add(name);
      if (names.size < 2) continue;
      yield at(step, 'This stage calls both wget and curl: one of them is enough', calls[0]!.nameRange());
    }
  },
};
