// Whether a step's platform can be run here: nothing is loaded or read where it is this machine's own.
import type { OpEnvironment } from '../ops/environment.ts';
import { thisPlatform } from './plan-build.ts';

/** @throws ERR_PLATFORM */
export const checkPlatform: NonNullable<OpEnvironment['checkPlatform']> = async (step) => {
  const local = thisPlatform();
  if (step.platform.architecture === local.architecture) return;
  const { checkProgram, isForeign } = await import('../runtime/check-program.ts');
  if (isForeign(step.platform, local)) checkProgram(step, local);
};
