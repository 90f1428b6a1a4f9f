// Launcher processes that wait for steps: one is started where none is idle, and serves one step at a time.
// Starting a process costs this one a copy of its page tables, which is most of what a small step takes.
import { type ChildProcess, spawn } from 'node:child_process';
import { unlinkSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { messages } from './launch-frame.ts';
import { launcherImage } from './launcher-image.ts';
import { type Machine, machineOf } from './machines.ts';

/** Told by the launcher: a word and its value. */
export type Listener = (word: number, value: number) => void;

export interface Keeper {
  readonly child: ChildProcess;
  readonly machine: Machine;
  /** Becomes the listener of what is told until release(). */
  attach(program: Buffer, listener: Listener): void;
  /** Lets the next step have it. @param owes it has still to say that it is done with this one. */
  release(owes: boolean): void;
  write(bytes: Buffer): void;
  /** Of one that is released. */
  end(): void;
}

const idle: Keeper[] = [];

/**
 * @param scratch a directory in which a file may be made and started.
 * @returns undefined where this machine has no launcher, or allows none: the state on a mount with noexec.
 */
export function takeKeeper(scratch: string): Keeper | undefined {
  const machine = machineOf(process.arch);
  return machine && (idle.pop() ?? startKeeper(machine, scratch));
}

/** Ends those that wait. */
export function endIdleKeepers(): void {
  for (const keeper of idle.splice(0)) keeper.end();
}

function startProcess(machine: Machine, path: string): ChildProcess | undefined {
  writeFileSync(path, launcherImage(machine), { mode: 0o700 });
  try {
    // A session of its own: the terminal's interrupt goes to the builder alone.
    return spawn(path, [], {
      ...{ argv0: 'slipway-step', cwd: '/', detached: true, env: {} },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
  } catch {
    return undefined;
  } finally {
    unlinkSync(path);
  }
}

function startKeeper(machine: Machine, scratch: string): Keeper | undefined {
  const child = startProcess(machine, `${scratch}/launcher`);
  if (child?.pid === undefined) {
    child?.on('error', () => {});
    return undefined;
  }
  const control = child.stdio[3] as Socket | undefined;
  let owed = false;
  let listener: Listener = () => {};
  let rest: Buffer = Buffer.alloc(0);
  control?.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (; rest.length >= 16; rest = rest.subarray(16)) {
      const word = Number(rest.readBigInt64LE(0));
      if (word === messages.done && owed) owed = false;
      else listener(word, Number(rest.readBigInt64LE(8)));
    }
  });
  // It ended, which its exit tells.
  control?.on('error', () => {});
  // Idle ones end with this process, and do not keep it.
  child.unref();
  const keeper: Keeper = {
    child,
    machine,
    attach(program, to) {
      listener = to;
      // It may end of itself, after its control: somebody waits to be told.
      child.ref();
      control?.ref();
      control?.write(program);
    },
    release(owes) {
      // It may owe that of the step before, too, where none came to run on it since.
      owed ||= owes;
      listener = () => {};
      control?.unref();
      child.unref();
      idle.push(keeper);
    },
    write: (bytes) => control?.write(bytes),
    // It ends where nothing more can be told to it.
    end: () => control?.destroy(),
  };
  child.on('close', () => {
    const at = idle.indexOf(keeper);
    if (at >= 0) idle.splice(at, 1);
  });
  return keeper;
}
