// The labels of a file, and what a schema asks of them.
import type { LintFile, LintStep } from '../../lint-file.ts';
import type { Report } from '../../rule.ts';
import type { LabelType } from '../../settings.ts';
import { at, isOneOf, placeOf, stepsOf, unquote } from './walk.ts';

export interface Label {
  step: LintStep;
  key: string;
  value: string;
}

export function* labelsOf(file: LintFile): Generator<Label> {
  for (const step of stepsOf(file, ['LABEL'])) {
    if (step.instruction.keyword !== 'LABEL') continue;
    for (const { key, value } of step.instruction.pairs)
      yield { step, key: unquote(key), value: unquote(value) };
  }
}

export function labelsIn(step: LintStep): string[] {
  if (!isOneOf(step, ['LABEL']) || step.instruction.keyword !== 'LABEL') return [];
  return step.instruction.pairs.map(({ key }) => unquote(key));
}

/** Reports the labels of a type whose value is not `what`. */
export function* tellWrongLabels(
  file: LintFile,
  type: LabelType,
  { isRight, what }: { isRight: (value: string) => boolean; what: string },
): Generator<Report> {
  const schema = file.settings.labelSchema ?? {};
  if (!Object.values(schema).includes(type)) return;
  for (const { step, key, value } of labelsOf(file)) {
    if (!Object.hasOwn(schema, key) || schema[key] !== type || isRight(value)) continue;
    // What a variable comes to is not known here.
    if (!file.compat && value.includes('$')) continue;
    yield at(
      step,
      `The label ${key} should be ${what}, and is ${JSON.stringify(value)}`,
      placeOf(step, value),
    );
  }
}
