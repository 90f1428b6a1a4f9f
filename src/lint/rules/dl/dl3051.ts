// DL3051: a label of the schema says nothing.
import { labelsOf } from './labels.ts';
import { at, type LintRule, placeOf } from './walk.ts';

export const dl3051: LintRule = {
  code: 'DL3051',
  name: 'EmptyLabel',
  family: 'hadolint',
  description: 'Labels of the schema should not be empty',
  severity: 'warning',
  scope: 'instruction',
  on: ['LABEL'],
  *check(file) {
    const schema = file.settings.labelSchema ?? {};
    if (Object.keys(schema).length === 0) return;
    for (const { step, key, value } of labelsOf(file)) {
      if (Object.hasOwn(schema, key) && value === '')
        yield at(step, `The label ${key} is empty`, placeOf(step, key));
    }
  },
};
