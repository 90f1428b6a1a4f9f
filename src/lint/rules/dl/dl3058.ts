// DL3058: a label that should be an address of mail.
import { tellWrongLabels } from './labels.ts';
import type { LintRule } from './walk.ts';

const address =
  /^[^\s@"<>()[\],;:\\]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

export const dl3058: LintRule = {
  code: 'DL3058',
  name: 'LabelEmail',
  family: 'hadolint',
  description: 'Labels that the schema calls e-mail should be addresses of mail',
  severity: 'warning',
  scope: 'instruction',
  on: ['LABEL'],
  check: (file) =>
    tellWrongLabels(file, 'email', { isRight: (value) => address.test(value), what: 'an address of mail' }),
};
