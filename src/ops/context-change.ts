// A context is read in place: what changes in it meanwhile is told as that, wherever it is met.
import { SlipwayError, systemCode } from '../errors.ts';
import type { Result } from './result.ts';

/** What the system says of a name that was something else, or was there, a moment ago. */
const changed = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL', 'ELOOP', 'ENXIO'];

export function changedMeanwhile(cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_CONTEXT', 'a file of the context changed while it was copied', {
    hint: 'build again when nothing writes to it, or leave what is written to out with .dockerignore',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Runs work that reads `inputs`. @throws ERR_CONTEXT where a context among them changed under it; else what the work throws */
export async function noticingChange<T>(
  inputs: readonly (Result | undefined)[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isChange = changed.includes(systemCode(error) ?? '') && !(error instanceof SlipwayError);
    throw isChange && inputs.some((input) => input?.kind === 'tree') ? changedMeanwhile(error) : error;
  }
}
