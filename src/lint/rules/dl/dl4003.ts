// DL4003: a second CMD replaces the first.
import { repeated } from './repeated.ts';
import type { LintRule } from './walk.ts';

export const dl4003: LintRule = {
  code: 'DL4003',
  name: 'SeveralCmds',
  family: 'hadolint',
  description: 'A stage should have one CMD at most',
  severity: 'warning',
  scope: 'instruction',
  on: ['CMD'],
  overlaps: ['MultipleInstructionsDisallowed'],
  check: (file) => repeated(file, 'CMD'),
};
