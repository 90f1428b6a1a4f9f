// How a launched step ended: its exit code, or why there was none.
import { constants } from 'node:os';
import { SlipwayError } from '../errors.ts';
import { userNamespace } from '../fs/user-namespace.ts';
import type { StepIO, StepSpec } from '../seams.ts';
import type { LaunchOutcome } from './launcher/launch.ts';
import { describeFailure, errorText, exitCodeOf } from './launcher/launch-outcome.ts';
import type { LaunchProgram } from './launcher/launch-program.ts';
import { programPlaces } from './launcher/step-calls.ts';
import { setUpHint } from './set-up-hint.ts';

const { ENOENT, ENOTDIR, EACCES } = constants.errno;

/** Why the command could not be started, as the shell of a user would say it. */
function startFailure(
  { argv }: StepSpec['process'],
  errnos: readonly number[],
): { exitCode: number; text: string } {
  const looked = !(argv[0] ?? '').includes('/');
  const usual = looked ? [ENOENT, ENOTDIR, EACCES] : [];
  const errno = errnos.find((each) => !usual.includes(each));
  if (errno === undefined) return { exitCode: 127, text: 'executable file not found in $PATH' };
  if (errno === ENOENT || errno === ENOTDIR) return { exitCode: 127, text: 'no such file or directory' };
  return { exitCode: 126, text: errorText(errno) };
}

export interface LaunchedStep {
  program: LaunchProgram;
  /** Which of its calls are attempts to start the command. */
  attempts: ReadonlySet<number>;
  io: StepIO;
  /** What the runtime needs of a machine. */
  needs: string;
}

/** What became of a launched step. @throws ERR_RUNTIME where its command was never reached */
export function settleLaunch(step: StepSpec, outcome: LaunchOutcome, at: LaunchedStep): { exitCode: number } {
  const { status, failures, unknownFormat } = outcome;
  const { program, attempts, io } = at;
  const starts = failures.filter(({ place }) => attempts.has(program.describe(place).call));
  const failed = failures.find((each) => !starts.includes(each));
  if (failed !== undefined || status === undefined) {
    const problem =
      describeFailure(program, failed) ?? `the launcher ended ${outcome.began ? 'early' : 'before it began'}`;
    throw new SlipwayError('ERR_RUNTIME', `the sandbox could not be set up: ${problem}`, {
      hint: setUpHint(problem, { needs: at.needs, isWithin: userNamespace() !== undefined }),
    });
  }
  const errnos = starts.map(({ errno }) => errno);
  const unstarted = unknownFormat
    ? { exitCode: 126, text: 'exec format error' }
    : errnos.length === programPlaces(step.process).length
      ? startFailure(step.process, errnos)
      : undefined;
  if (unstarted !== undefined) {
    io.onOutput(
      'stderr',
      Buffer.from(`exec: ${JSON.stringify(step.process.argv[0] ?? '')}: ${unstarted.text}\n`),
    );
    return { exitCode: unstarted.exitCode };
  }
  return { exitCode: exitCodeOf(status) };
}
