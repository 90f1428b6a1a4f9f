// A step as a program for the launcher, where nothing can be mounted and no namespace made: a root, and what makes a process the
// step's command.
import type { StepSpec } from '../seams.ts';
import { defaultCapabilities } from './confinement.ts';
import { addChrootFrame } from './launcher/chroot-frame.ts';
import { namespaces, pipeNumbers } from './launcher/launch-frame.ts';
import { createLaunchProgram, type LaunchProgram } from './launcher/launch-program.ts';
import type { Machine } from './launcher/machines.ts';
import { createMountCalls } from './launcher/mount-calls.ts';
import { addEvenChances, addScope, addStepCalls, enterGroups } from './launcher/step-calls.ts';
import { addLoopback } from './sandbox-program.ts';
import { isDirectory, isSpared } from './step-layout.ts';

const currentFolder = -100;
const readWrite = 2;
const noNewPrivileges = 38;

/**
 * Without those that lead out of a chroot, or to the host's devices. As steps have fewer than the builder, they can't trace it or
 * read its memory either.
 */
const kept = defaultCapabilities.filter((name) => name !== 'SYS_CHROOT' && name !== 'MKNOD');

export interface ChrootProgramOptions {
  machine: Machine;
  /** The step's root. */
  folder: string;
  builder: number;
  hasInput: boolean;
  tellStart: boolean;
  held: readonly string[];
  filter: Buffer | undefined;
  /** Programs give nobody more rights than they are started with: who does not administer the machine can confine nothing else. */
  noNewPrivileges: boolean;
  /** Files by which the step enters its cgroups. */
  entrances: readonly string[];
  /** What ends the step's processes should the builder be killed. */
  orphaned: readonly string[];
}

export interface ChrootProgram {
  program: LaunchProgram;
  /** Which of its calls are attempts to start the command. */
  attempts: ReadonlySet<number>;
}

export function createChrootProgram(step: StepSpec, options: ChrootProgramOptions): ChrootProgram {
  const program = createLaunchProgram(options.machine);
  const { call } = program;
  const { folder, entrances, hasInput } = options;
  const numbers = pipeNumbers(hasInput);
  const { scratch } = step;
  // For paths and folders alone.
  const mounts = createMountCalls(program, { spare: numbers.free, isDirectory, scratch, staging: scratch });
  let attempts: ReadonlySet<number> = new Set();
  addChrootFrame(program, {
    ...options,
    inside(failed) {
      call('umask', [0o022]);
      addEvenChances(program, mounts, isSpared());
      enterGroups(program, mounts, entrances);
      if (step.network === 'none') {
        call('unshare', [namespaces.network], { what: 'making a network namespace' });
        addLoopback(program);
      }
      mounts.enter(folder);
      call('chroot', [mounts.path('.')], { what: 'entering the root' });
      call('chdir', [mounts.path('/')], { what: 'entering the root' });
      // A node of the host, as it is open now, would be there to be changed. The lowest number that is free is given.
      call('close', [0], { failed: 'next' });
      call('openat', [currentFolder, mounts.path('/dev/null'), readWrite], { what: 'opening /dev/null' });
      if (options.noNewPrivileges) call('prctl', [noNewPrivileges, 1], { what: 'giving up new privileges' });
      addScope(program, step, false);
      attempts = addStepCalls(program, step, { ...options, kept, numbers, mounts, failed });
    },
  });
  return { program, attempts };
}
