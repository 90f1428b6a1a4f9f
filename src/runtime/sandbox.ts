// Runs steps with the kernel's own parts: namespaces, mounts, capabilities, a filter of system calls; by no other program.

import { SlipwayError } from '../errors.ts';
import type { Owner } from '../oci/owner.ts';
import type { Runtime, StepSpec } from '../seams.ts';
import { endIdleKeepers, type Keeper, takeKeeper } from './launcher/keeper.ts';
import { launch } from './launcher/launch.ts';
import type { Machine } from './launcher/machines.ts';
import { runLimited } from './limited-step.ts';
import { onlyOwner } from './owners/only-owner.ts';
import { endWatching, watchOwners } from './owners/watch-owners.ts';
import {
  createSandboxProgram,
  likeness,
  type SandboxProgram,
  type SandboxProgramOptions,
  sandboxValues,
} from './sandbox-program.ts';
import { stepFilter } from './seccomp/step-filter.ts';
import { noLaunch } from './set-up-hint.ts';
import { settleLaunch } from './settle-launch.ts';
import { heldCapabilities, makeRootFolders } from './step-layout.ts';

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

const needs = 'It needs root and the right to mount. Where runc is installed, try --isolation=oci.';

/**
 * A runtime for steps; it needs root, Linux 5.9, and a machine that the launcher has code for.
 * @param options.proc False: steps have an empty /proc, where a container around a user namespace keeps another one from being mounted.
 */
export function createSandboxRuntime({ proc = true }: { proc?: boolean } = {}): Runtime {
  return {
    name: 'sandbox',
    release() {
      endIdleKeepers();
      endWatching();
    },
    async run(step, io, signal) {
      signal.throwIfAborted();
      return runLimited(step, signal, async (entrances) => {
        const another = (): Keeper | undefined => takeKeeper(step.scratch);
        const keeper = another();
        if (keeper === undefined) {
          throw new SlipwayError('ERR_RUNTIME', `${noLaunch} ${step.scratch}`, {
            hint: 'The state folder (--root) must lie on a mount without noexec. Or use an OCI runtime: --isolation=oci.',
          });
        }
        let made: SandboxProgram | undefined;
        let watched: (() => Promise<ReadonlyMap<string, Owner>>) | undefined;
        const program = (machine: Machine): Buffer => {
          made = programOf(step, {
            ...{ machine, entrances, builder: process.pid, hasInput: io.stdin !== undefined },
            ...{ tellStart: io.onStart !== undefined, held: heldCapabilities() },
            filter: step.security === 'insecure' ? undefined : stepFilter(),
            only: onlyOwner(),
            proc,
            places: makeRootFolders(step),
          });
          return made.program.finish(sandboxValues(step));
        };
        const onListener = (init: number, fd: number): void => {
          watched = watchOwners(init, fd);
        };
        try {
          const outcome = await launch({ keeper, another, program, onListener }, io, signal);
          const end = settleLaunch(step, outcome, { ...made!, io, needs });
          const links = await watched?.();
          watched = undefined;
          return links ? { ...end, links } : end;
        } finally {
          await watched?.();
        }
      });
    },
  };
}
