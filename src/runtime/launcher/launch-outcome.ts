// What became of a launched program, in words and codes.
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { overLink } from '../set-up-hint.ts';
import type { LaunchOutcome } from './launch.ts';
import type { LaunchProgram } from './launch-program.ts';

export const errorText = (errno: number): string =>
  errno === constants.errno.ELOOP ? overLink : (getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`);

/** What a call was about, and why it failed; undefined for no failure. */
export function describeFailure(
  program: LaunchProgram,
  failure: LaunchOutcome['failures'][number] | undefined,
): string | undefined {
  return failure && `${program.describe(failure.place).what}: ${errorText(failure.errno)}`;
}

/** The exit code of a process as a shell gives it. @param status as wait4(2) has it */
export function exitCodeOf(status: number): number {
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}
