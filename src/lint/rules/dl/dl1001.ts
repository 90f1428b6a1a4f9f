// DL1001: an inline pragma hides what a linter says; some teams want to see each of them.
import { readPragmas } from '../../pragmas.ts';
import type { LintRule } from './walk.ts';

export const dl1001: LintRule = {
  code: 'DL1001',
  name: 'InlineIgnore',
  family: 'hadolint',
  description: 'Rules should be left out in the config, not by comments in the Dockerfile',
  severity: 'info',
  off: true,
  scope: 'file',
  *check(file) {
    for (const { kind, codes, range } of readPragmas(file)) {
      if (kind !== 'ignore') continue;
      yield { message: `A comment leaves out ${codes.join(', ')}`, range, instruction: undefined };
    }
  },
};
