// Runs steps with the kernel's own parts: namespaces, mounts, capabilities, a filter of system calls; by no other program.
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { SlipwayError } from '../errors.ts';
import type { Runtime, StepIO, StepSpec } from '../seams.ts';
import { type LaunchOutcome, launch } from './launcher/launch.ts';
import { type Machine, machineOf } from './launcher/machines.ts';
import { programPlaces } from './launcher/step-calls.ts';
import { runLimited } from './limited-step.ts';
import { createSandboxProgram, type SandboxProgram } from './sandbox-program.ts';
import { compileFilter, encodeFilter } from './seccomp/filter.ts';
import { profileOf } from './seccomp/profile.ts';
import { heldCapabilities, makeRootFolders } from './step-layout.ts';

const errorText = (errno: number): string => getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
const { ENOENT, ENOTDIR, EACCES, ELOOP } = constants.errno;

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

function settle(
  step: StepSpec,
  outcome: LaunchOutcome,
  at: SandboxProgram & { io: StepIO },
): { exitCode: number } {
  const { status, failures, unknownFormat } = outcome;
  const { program, attempts, io } = at;
  const places = failures.map(({ place, errno }) => ({ ...program.describe(place), errno }));
  const failed = places.find(({ call }) => !attempts.has(call));
  if (failed !== undefined || status === undefined) {
    const problem =
      failed === undefined
        ? 'the launcher ended early'
        : `${failed.what}: ${failed.errno === ELOOP ? 'it leads over a symbolic link' : errorText(failed.errno)}`;
    throw new SlipwayError('ERR_RUNTIME', `the sandbox could not be set up: ${problem}`, {
      hint: 'It needs root and the right to mount. Where runc is installed, try --isolation=oci.',
    });
  }
  const errnos = places.map(({ errno }) => errno);
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
  const signal = status & 0x7f;
  return { exitCode: signal === 0 ? (status >> 8) & 0xff : 128 + signal };
}

let compiled: Buffer | undefined;

/** The filter of system calls for steps on this machine. */
function filter(): Buffer | undefined {
  const profile = profileOf(process.arch);
  compiled ??= profile && encodeFilter(compileFilter(profile));
  return compiled;
}

/** Whether there is a launcher for this kind of machine. */
export const hasLauncher = (machine: Machine | undefined = machineOf(process.arch)): boolean =>
  machine !== undefined;

/** A runtime for steps; it needs root and Linux 5.9. */
export function createSandboxRuntime(): Runtime {
  return {
    name: 'sandbox',
    async run(step, io, signal) {
      signal.throwIfAborted();
      const machine = machineOf(process.arch);
      if (machine === undefined) {
        throw new SlipwayError('ERR_RUNTIME_MISSING', `there is no launcher for ${process.arch}`, {
          hint: 'Install util-linux, or a runtime: apt-get install runc.',
        });
      }
      return runLimited(step, signal, async (entrances) => {
        const made = createSandboxProgram(step, {
          ...{ machine, entrances, builder: process.pid, hasInput: io.stdin !== undefined },
          ...{
            tellStart: io.onStart !== undefined,
            held: heldCapabilities(),
            filter: step.security === 'insecure' ? undefined : filter(),
          },
          places: makeRootFolders(step),
        });
        const program = made.program.finish();
        const outcome = await launch({ machine, program, scratch: step.scratch }, io, signal);
        return settle(step, outcome, { ...made, io });
      });
    },
  };
}
