// DL3049: labels that the schema asks of every image.
import type { LintFile, LintStage } from '../../lint-file.ts';
import { labelsIn } from './labels.ts';
import { at, isOneOf, type LintRule, lineage } from './walk.ts';

export const dl3049: LintRule = {
  code: 'DL3049',
  name: 'MissingLabel',
  family: 'hadolint',
  description: 'Images should have the labels of the schema',
  severity: 'info',
  scope: 'instruction',
  *check(file) {
    for (const key of Object.keys(file.settings.labelSchema ?? {})) {
      const sets = (stage: LintStage) => stage.steps.some((step) => labelsIn(step).includes(key));
      for (const stage of file.stages) {
        if ([...lineage(stage)].some(sets) || isExcused(file, stage, sets)) continue;
        yield at(stage.from, `The label ${key} is missing`);
      }
    }
  },
};

/** A stage that is copied from makes no image; one that is built on may leave the label to what is built. */
function isExcused(
  file: LintFile,
  { alias, index }: LintStage,
  sets: (stage: LintStage) => boolean,
): boolean {
  if (alias === undefined) return false;
  const later = file.stages.slice(index + 1);
  return later.some(
    (other) =>
      (other.parent?.index === index && other.alias === undefined && sets(other)) ||
      other.steps.some((step) => isOneOf(step, ['COPY']) && step.instruction.from === alias),
  );
}
