// DL4004: a second ENTRYPOINT replaces the first.
import { repeated } from './repeated.ts';
import type { LintRule } from './walk.ts';

export const dl4004: LintRule = {
  code: 'DL4004',
  name: 'SeveralEntrypoints',
  family: 'hadolint',
  description: 'A stage should have one ENTRYPOINT at most',
  severity: 'error',
  scope: 'instruction',
  on: ['ENTRYPOINT'],
  overlaps: ['MultipleInstructionsDisallowed'],
  check: (file) => repeated(file, 'ENTRYPOINT'),
};
