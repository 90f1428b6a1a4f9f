// Runs steps by no more than chroot(2): for containers with no right to mount or to make namespaces, as the last resort. A step has
// fewer capabilities than elsewhere, a /dev of its own, and no /proc; it shares network, host name and process ids with the builder.

import { SlipwayError } from '../errors.ts';
import { lendLock } from '../fs/lent-folder.ts';
import { withLock } from '../fs/lock.ts';
import type { Runtime, StepSpec } from '../seams.ts';
import { type ChrootProgram, createChrootProgram } from './chroot-program.ts';
import { descendantsOf, endDescendants, endOrphans } from './end-descendants.ts';
import { furnishRoot, isLent, rootFolder } from './furnish-root.ts';
import { endIdleKeepers, type Keeper, takeKeeper } from './launcher/keeper.ts';
import { launch, type StepProcesses } from './launcher/launch.ts';
import type { Machine } from './launcher/machines.ts';
import { runLimited } from './limited-step.ts';
import { stepFilter } from './seccomp/step-filter.ts';
import { noLaunch } from './set-up-hint.ts';
import { settleLaunch } from './settle-launch.ts';
import { heldCapabilities } from './step-layout.ts';

const elsewhere =
  'Leave it out, or build where namespaces can be made: as root with CAP_SYS_ADMIN, or with user namespaces; slipway doctor says what is missing.';

function unheld(what: string): SlipwayError {
  return new SlipwayError(
    'ERR_UNSUPPORTED',
    `${what} can't be held to where steps have no more than a chroot`,
    {
      hint: elsewhere,
    },
  );
}

/** @throws ERR_UNSUPPORTED for what would be a promise */
function refuseUnheld(step: StepSpec, held: readonly string[]): void {
  if (step.network === 'none' && !held.includes('SYS_ADMIN')) throw unheld('--network=none');
  if (step.security === 'insecure') throw unheld('--security=insecure');
  if (step.readonly) throw unheld('--read-only');
}

const processes: StepProcesses = {
  end: endDescendants,
  sender(init) {
    // When the command is about to start there is nothing else below.
    const [command] = descendantsOf(init);
    return (signal) => {
      try {
        if (command !== undefined) process.kill(command, signal);
      } catch {
        // It ended by itself.
      }
    };
  },
};

/**
 * Only who administers the machine may set a filter that does not also keep programs like sudo from working. Root does not need these;
 * a step of another user has them, and no filter but that of the container.
 */
function filterOf(
  step: StepSpec,
  held: readonly string[],
): { filter: Buffer | undefined; noNewPrivileges: boolean } {
  const isAdministrator = held.includes('SYS_ADMIN');
  const isConfined = isAdministrator || step.process.uid === 0;
  return {
    filter: isConfined ? stepFilter(false) : undefined,
    noNewPrivileges: isConfined && !isAdministrator,
  };
}

/** One after the other, in an order that all steps have. */
async function holding<T>(files: readonly string[], signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = files;
  return first === undefined ? work() : withLock(first, signal, () => holding(rest, signal, work));
}

/** A runtime for steps; it needs root, the capabilities SYS_CHROOT and MKNOD, and a machine that the launcher has code for. */
export function createChrootRuntime(): Runtime {
  return {
    name: 'chroot',
    release: endIdleKeepers,
    async run(step, io, signal) {
      signal.throwIfAborted();
      const held = heldCapabilities();
      refuseUnheld(step, held);
      const lent = new Set(step.mounts.filter(isLent).map(({ source }) => lendLock(source)));
      return runLimited(step, signal, (entrances) =>
        holding([...lent].sort(), signal, async () => {
          await using _furniture = await furnishRoot(step, signal);
          const another = (): Keeper | undefined => takeKeeper(step.scratch);
          const keeper = another();
          if (keeper === undefined) {
            throw new SlipwayError('ERR_RUNTIME', `${noLaunch} ${step.scratch}`, {
              hint: 'The state folder (--root) must lie on a mount without noexec.',
            });
          }
          let made: ChrootProgram | undefined;
          const program = (machine: Machine): Buffer => {
            made = createChrootProgram(step, {
              ...{ machine, entrances, held, folder: rootFolder(step), builder: process.pid },
              ...{ hasInput: io.stdin !== undefined, tellStart: io.onStart !== undefined },
              ...filterOf(step, held),
              orphaned: [process.execPath, '-e', endOrphans],
            });
            return made.program.finish({ argv: step.process.argv, env: step.process.env });
          };
          const outcome = await launch({ keeper, another, program, processes }, io, signal);
          const needs = 'It needs root and the capabilities SYS_CHROOT, SETPCAP and MKNOD.';
          return settleLaunch(step, outcome, { ...made!, io, needs });
        }),
      );
    },
  };
}
