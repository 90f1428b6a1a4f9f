// DL3048: keys of labels in the form that Docker asks for.
import { labelsOf } from './labels.ts';
import { at, type LintRule, placeOf } from './walk.ts';

const form = /^[a-z](?:[a-z0-9._/-]*[a-z0-9])?$/;
const reserved = /^(?:com\.docker|io\.docker|org\.dockerproject)\./;

export const dl3048: LintRule = {
  code: 'DL3048',
  name: 'LabelKey',
  family: 'hadolint',
  description: 'Keys of labels should be in lower case and outside of reserved names',
  severity: 'style',
  scope: 'instruction',
  on: ['LABEL'],
  *check(file) {
    for (const { step, key } of labelsOf(file)) {
      if (reserved.test(key)) {
        yield at(step, `${key} begins with a name that Docker keeps for itself`, placeOf(step, key));
      } else if (!form.test(key) || /\.\.|--/.test(key)) {
        const message = `${key} is no good key: it should begin with a letter and hold a-z, 0-9, single dots and dashes`;
        yield at(step, message, placeOf(step, key));
      }
    }
  },
};
