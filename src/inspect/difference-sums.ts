// How many paths differ, and by how many bytes.
import type { FileDifference, Sums } from './image-diff.ts';

export const noSums = (): Sums => ({ added: 0, removed: 0, changed: 0, bytesAdded: 0, bytesRemoved: 0 });

/** Directories count as paths and have no bytes. */
export function addDifference(sums: Sums, { change, before, after }: FileDifference): void {
  sums[change]++;
  // What changed in mode or owner alone moved no bytes.
  if (before && after && before.digest === after.digest && before.type === after.type) return;
  if (!after?.linked) sums.bytesAdded += after?.size ?? 0;
  if (!before?.linked) sums.bytesRemoved += before?.size ?? 0;
}
