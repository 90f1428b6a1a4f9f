// DL3054: a label that should be a licence.
import parseExpression from 'spdx-expression-parse';
import { tellWrongLabels } from './labels.ts';
import type { LintRule } from './walk.ts';

export const dl3054: LintRule = {
  code: 'DL3054',
  name: 'LabelLicense',
  family: 'hadolint',
  description: 'Labels that the schema calls licences should be SPDX expressions',
  severity: 'warning',
  scope: 'instruction',
  on: ['LABEL'],
  check: (file) => {
    // hadolint knows single licences alone.
    const isRight = (value: string) => !(file.compat && /[\s()+]/.test(value)) && isExpression(value);
    return tellWrongLabels(file, 'spdx', { isRight, what: 'an SPDX licence as Apache-2.0' });
  },
};

function isExpression(value: string): boolean {
  try {
    parseExpression(value);
    return true;
  } catch {
    return false;
  }
}
