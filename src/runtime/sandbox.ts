// Runs steps with the kernel's own parts: namespaces, mounts, capabilities, a filter of system calls; by no other program.
import { constants } from 'node:os';
import { SlipwayError } from '../errors.ts';
import type { Runtime, StepIO, StepSpec } from '../seams.ts';
import { endIdleKeepers, takeKeeper } from './launcher/keeper.ts';
import { type LaunchOutcome, launch } from './launcher/launch.ts';
import { describeFailure, errorText, exitCodeOf } from './launcher/launch-outcome.ts';
import type { Machine } from './launcher/machines.ts';
import { programPlaces } from './launcher/step-calls.ts';
import { runLimited } from './limited-step.ts';
import {
  createSandboxProgram,
  likeness,
  type SandboxProgram,
  type SandboxProgramOptions,
  sandboxValues,
} from './sandbox-program.ts';
import { compileFilter, encodeFilter } from './seccomp/filter.ts';
import { profileOf } from './seccomp/profile.ts';
import { heldCapabilities, makeRootFolders } from './step-layout.ts';

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

function settle(
  step: StepSpec,
  outcome: LaunchOutcome,
  at: SandboxProgram & { io: StepIO },
): { exitCode: number } {
  const { status, failures, unknownFormat } = outcome;
  const { program, attempts, io } = at;
  const starts = failures.filter(({ place }) => attempts.has(program.describe(place).call));
  const failed = failures.find((each) => !starts.includes(each));
  if (failed !== undefined || status === undefined) {
    const problem = describeFailure(program, failed) ?? 'the launcher ended early';
    throw new SlipwayError('ERR_RUNTIME', `the sandbox could not be set up: ${problem}`, {
      hint: 'It needs root and the right to mount. Where runc is installed, try --isolation=oci.',
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

let compiled: { filter: Buffer | undefined } | undefined;

/** The filter of system calls for steps on this machine. */
function filter(): Buffer | undefined {
  if (compiled === undefined) {
    const profile = profileOf(process.arch);
    compiled = { filter: profile && encodeFilter(compileFilter(profile)) };
  }
  return compiled.filter;
}

/** Programs by what their steps have in common. */
const programs = new Map<string, SandboxProgram>();
/** More than steps run at once. */
const keptPrograms = 16;

function programOf(step: StepSpec, options: SandboxProgramOptions): SandboxProgram {
  const key = likeness(step, options);
  let made = key === undefined ? undefined : programs.get(key);
  if (made !== undefined) return made;
  made = createSandboxProgram(step, options);
  if (key === undefined) return made;
  if (programs.size >= keptPrograms) programs.clear();
  programs.set(key, made);
  return made;
}

/** A runtime for steps; it needs root, Linux 5.9, and a machine that the launcher has code for. */
export function createSandboxRuntime(): Runtime {
  return {
    name: 'sandbox',
    release: endIdleKeepers,
    async run(step, io, signal) {
      signal.throwIfAborted();
      return runLimited(step, signal, async (entrances) => {
        const keeper = takeKeeper(step.scratch);
        if (keeper === undefined) {
          throw new SlipwayError('ERR_RUNTIME', `no program can be started in ${step.scratch}`, {
            hint: 'The state folder (--root) must lie on a mount without noexec. Or use an OCI runtime: --isolation=oci.',
          });
        }
        let made: SandboxProgram | undefined;
        const program = (machine: Machine): Buffer => {
          made = programOf(step, {
            ...{ machine, entrances, builder: process.pid, hasInput: io.stdin !== undefined },
            ...{ tellStart: io.onStart !== undefined, held: heldCapabilities() },
            filter: step.security === 'insecure' ? undefined : filter(),
            places: makeRootFolders(step),
          });
          return made.program.finish(sandboxValues(step));
        };
        const outcome = await launch({ keeper, program }, io, signal);
        return settle(step, outcome, { ...made!, io });
      });
    },
  };
}
