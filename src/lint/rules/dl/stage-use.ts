// What becomes of stages: which ones end up in an image that somebody ships, and which are only read from.
import type { LintFile, LintStage } from '../../lint-file.ts';
import { mountsOf } from './mounts.ts';
import { isOneOf } from './walk.ts';

/** The last stage and those that others are built on: the stages that hadolint takes to be part of an image. */
export function basesAndLast(file: LintFile): Set<LintStage> {
  const used = new Set(file.stages.flatMap(({ parent }) => parent ?? []));
  const last = file.stages.at(-1);
  if (last !== undefined) used.add(last);
  return used;
}

/** Stages that no other stage reads or is built on, and all that they are built on. */
export function shippedStages(file: LintFile): Set<LintStage> {
  const shipped = new Set<LintStage>();
  for (const leaf of leafStages(file)) {
    for (let one: LintStage | undefined = leaf; one !== undefined; one = one.parent) shipped.add(one);
  }
  return shipped;
}

/** Stages that no other stage uses in any way. */
export function leafStages(file: LintFile): LintStage[] {
  const used = new Set<LintStage>(file.stages.flatMap(({ parent }) => parent ?? []));
  for (const stage of file.stages) {
    for (const step of stage.steps) {
      const names = isOneOf(step, ['COPY', 'ADD'])
        ? [step.instruction.from]
        : isOneOf(step, ['RUN'])
          ? mountsOf(step.instruction).map(({ from }) => from)
          : [];
      for (const name of names) {
        const source = name === undefined ? undefined : stageNamed(file, name, stage.index);
        if (source !== undefined) used.add(source);
      }
    }
  }
  return file.stages.filter((stage) => !used.has(stage) || stage === file.stages.at(-1));
}

/** The stage above `before` that a name or a number means. */
export function stageNamed(file: LintFile, name: string, before: number): LintStage | undefined {
  if (/^\d+$/.test(name)) return Number(name) < before ? file.stages[Number(name)] : undefined;
  const wanted = name.toLowerCase();
  return file.stages.findLast(({ index, alias }) => index < before && alias?.toLowerCase() === wanted);
}
