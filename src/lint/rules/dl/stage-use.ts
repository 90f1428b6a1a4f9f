// What becomes of stages: which ones end up in an image that somebody ships, and which are only read from.
import type { LintFile, LintStage } from '../../lint-file.ts';
import { mountsOf } from './mounts.ts';
import { oncePerFile } from './once-per-file.ts';
import { isOneOf } from './walk.ts';

/** The last stage and those that others are built on: the stages that hadolint takes to be part of an image. */
export const basesAndLast = oncePerFile(({ stages }): ReadonlySet<LintStage> => {
  const used = new Set<LintStage>();
  for (const { parent } of stages) if (parent !== undefined) used.add(parent);
  const last = stages.at(-1);
  if (last !== undefined) used.add(last);
  return used;
});

/** Stages that no other stage reads or is built on, and all that they are built on. */
export const shippedStages = oncePerFile((file): ReadonlySet<LintStage> => {
  const shipped = new Set<LintStage>();
  for (const leaf of leafStages(file)) {
    for (let one: LintStage | undefined = leaf; one !== undefined; one = one.parent) shipped.add(one);
  }
  return shipped;
});

/** Stages that no other stage uses in any way. */
export const leafStages = oncePerFile((file): readonly LintStage[] => {
  const { stages } = file;
  if (stages.length < 2) return stages;
  const used = new Set<LintStage>();
  const use = (name: string | undefined, before: number) => {
    const source = name === undefined ? undefined : stageNamed(file, name, before);
    if (source !== undefined) used.add(source);
  };
  for (const { parent, steps, index } of stages) {
    if (parent !== undefined) used.add(parent);
    for (const step of steps) {
      if (isOneOf(step, ['COPY', 'ADD'])) use(step.instruction.from, index);
      else if (isOneOf(step, ['RUN'])) for (const { from } of mountsOf(step.instruction)) use(from, index);
    }
  }
  const last = stages.at(-1);
  return stages.filter((stage) => stage === last || !used.has(stage));
});

/** The stage above `before` that a name or a number means. */
export function stageNamed(file: LintFile, name: string, before: number): LintStage | undefined {
  if (/^\d+$/.test(name)) return Number(name) < before ? file.stages[Number(name)] : undefined;
  const wanted = name.toLowerCase();
  return file.stages.findLast(({ index, alias }) => index < before && alias?.toLowerCase() === wanted);
}
