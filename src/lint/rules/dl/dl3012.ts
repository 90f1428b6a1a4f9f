// DL3012: a second HEALTHCHECK replaces the first.
import { repeated } from './repeated.ts';
import type { LintRule } from './walk.ts';

export const dl3012: LintRule = {
  code: 'DL3012',
  name: 'SeveralHealthchecks',
  family: 'hadolint',
  description: 'A stage should have one HEALTHCHECK at most',
  severity: 'error',
  scope: 'instruction',
  on: ['HEALTHCHECK'],
  overlaps: ['MultipleInstructionsDisallowed'],
  check: (file) => repeated(file, 'HEALTHCHECK'),
};
