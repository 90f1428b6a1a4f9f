// DL3055: a label that should be the hash of a Git commit.
import { tellWrongLabels } from './labels.ts';
import type { LintRule } from './walk.ts';

const hash = /^(?:[0-9a-f]{7}|[0-9a-f]{40})$/;

export const dl3055: LintRule = {
  code: 'DL3055',
  name: 'LabelHash',
  family: 'hadolint',
  description: 'Labels that the schema calls hashes should be hashes of Git commits',
  severity: 'warning',
  scope: 'instruction',
  on: ['LABEL'],
  check: (file) =>
    tellWrongLabels(file, 'hash', {
      isRight: (value) => hash.test(value),
      what: 'a Git hash of 7 or 40 digits',
    }),
};
