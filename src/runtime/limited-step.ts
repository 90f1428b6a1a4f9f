// Runs a step in a group of its own, where limits are asked for.
import type { Owner } from '../oci/owner.ts';
import type { StepSpec } from '../seams.ts';
import { createStepCgroup } from './step-cgroup.ts';

export interface StepEnd {
  exitCode: number;
  memoryLimitHit?: boolean;
  links?: ReadonlyMap<string, Owner>;
}

/**
 * @param run the step; `entrances` are files by which its first process enters the group: none without limits.
 * @throws ERR_RUNTIME where the limits can't be held
 */
export async function runLimited(
  { resources = {}, cgroupParent }: StepSpec,
  signal: AbortSignal,
  run: (entrances: readonly string[]) => Promise<StepEnd>,
): Promise<StepEnd> {
  if (cgroupParent === undefined && Object.keys(resources).length === 0) return run([]);
  const group = createStepCgroup({ resources, parent: cgroupParent });
  try {
    const end = await run(group.entrances);
    return group.memoryLimitHit() ? { ...end, memoryLimitHit: true } : end;
  } catch (error) {
    // What starts the step is within its limits, too.
    if (signal.aborted || !group.memoryLimitHit()) throw error;
    return { exitCode: 137, memoryLimitHit: true };
  } finally {
    await group.remove();
  }
}
