// DL3050: labels that the schema does not know.
import { labelsIn } from './labels.ts';
import { at, type LintRule, list, placeOf, stepsOf } from './walk.ts';

export const dl3050: LintRule = {
  code: 'DL3050',
  name: 'UnknownLabel',
  family: 'hadolint',
  description: 'Images should have no labels but those of the schema, where it is strict',
  severity: 'info',
  scope: 'instruction',
  on: ['LABEL'],
  *check(file) {
    if (!file.settings.strictLabels) return;
    const schema = file.settings.labelSchema ?? {};
    for (const step of stepsOf(file, ['LABEL'])) {
      const unknown = labelsIn(step).filter((key) => !Object.hasOwn(schema, key));
      if (unknown.length === 0) continue;
      yield at(step, `The schema has no label ${list(unknown)}`, placeOf(step, unknown[0]!));
    }
  },
};
