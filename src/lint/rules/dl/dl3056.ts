// DL3056: a label that should be a version.
import { tellWrongLabels } from './labels.ts';
import type { LintRule } from './walk.ts';

const number = '(?:0|[1-9]\\d*)';
const part = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const version = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${part}(?:\\.${part})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

export const dl3056: LintRule = {
  code: 'DL3056',
  name: 'LabelVersion',
  family: 'hadolint',
  description: 'Labels that the schema calls versions should be semantic versions',
  severity: 'warning',
  scope: 'instruction',
  on: ['LABEL'],
  check: (file) =>
    tellWrongLabels(file, 'semver', {
      isRight: (value) => version.test(value),
      what: 'a semantic version as 1.2.3',
    }),
};
