// The order in which a step's mounts are made, whatever order they were written in. Pure.
import type { StepMount } from '../seams.ts';

/** What holds another target comes before it, so that nothing is hidden; of equal targets the last one counts. */
export function orderMounts(mounts: readonly StepMount[]): StepMount[] {
  const byTarget = new Map(mounts.map((mount) => [mount.target, mount]));
  return [...byTarget.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
}
