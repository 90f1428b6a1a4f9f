// Has files that a step gives to somebody remember it, in a user namespace with one id (watch-program.ts).
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { SlipwayError } from '../../errors.ts';
import type { Owner } from '../../oci/owner.ts';
import { ownerCalls } from './owner-filter.ts';
import { watchProgram, watchWords } from './watch-program.ts';

const calls = { pidfdOpen: 434, pidfdGetfd: 438 };
const closeOnExec = 0o2000000;

interface System {
  pipe(): { read: number; write: number };
  /** A descriptor of another process, as one of this. */
  take(pid: number, fd: number): number;
}

interface Watcher {
  worker: Worker;
  pipe: number;
  waiting: Map<number, (links: ReadonlyMap<string, Owner>) => void>;
  system: System;
}

const requirePackage = createRequire(import.meta.url);

/** Whether this machine can; else a step is told that there are no other ids. */
export function canWatchOwners(): boolean {
  if (ownerCalls(process.arch) === undefined) return false;
  try {
    requirePackage.resolve('koffi');
    return true;
  } catch {
    return false;
  }
}

function bind(): System {
  const koffi = requirePackage('koffi') as typeof import('koffi');
  const libc = koffi.load(null);
  const pipe2 = libc.func('int pipe2(_Out_ int *pair, int flags)');
  const syscall = libc.func('intptr_t syscall(intptr_t number, intptr_t a, intptr_t b, intptr_t c)');
  const check = (result: number | bigint): number => {
    if (result >= 0) return Number(result);
    throw new Error(`a step can't be watched: error ${koffi.errno()}`);
  };
  return {
    pipe() {
      const pair = [-1, -1];
      check(pipe2(pair, closeOnExec) as number);
      return { read: pair[0]!, write: pair[1]! };
    },
    take(pid, fd) {
      const process = check(syscall(calls.pidfdOpen, pid, 0, 0) as number);
      try {
        return check(syscall(calls.pidfdGetfd, process, fd, 0) as number);
      } finally {
        closeSync(process);
      }
    },
  };
}

let watcher: Watcher | undefined;

function startWatcher(): Watcher {
  const system = bind();
  const { read, write } = system.pipe();
  const workerData = { koffi: requirePackage.resolve('koffi'), pipe: read, calls: ownerCalls(process.arch) };
  const worker = new Worker(watchProgram, { eval: true, execArgv: [], env: {}, workerData });
  worker.unref();
  const waiting: Watcher['waiting'] = new Map();
  const end = (listener: number, links: ReadonlyMap<string, Owner>): void => {
    waiting.get(listener)?.(links);
    waiting.delete(listener);
    if (waiting.size === 0) worker.unref();
  };
  worker.on('message', (told: { listener: number; links: Map<string, [number, number]> }) => {
    const owners = [...told.links].map(
      ([path, [uid, gid]]) => [Buffer.from(path, 'latin1').toString(), { uid, gid }] as const,
    );
    end(told.listener, new Map(owners));
  });
  worker.on('exit', () => {
    closeSync(read);
    closeSync(write);
    watcher = undefined;
    for (const listener of [...waiting.keys()]) end(listener, new Map());
  });
  // What ends it shows in the steps that it served: their calls fail.
  worker.on('error', () => {});
  return { worker, pipe: write, waiting, system };
}

function tell({ pipe }: Watcher, what: number, listener: number): void {
  const word = Buffer.alloc(8);
  word.writeInt32LE(what, 0);
  word.writeInt32LE(listener, 4);
  writeSync(pipe, word);
}

/**
 * @param init process 1 of a step, as this process knows it; its only child has the listener of ownerFilter at `fd`.
 * @returns what is to be called once nothing of the step is left: the owners that could not be remembered by files.
 * @throws ERR_RUNTIME
 */
export function watchOwners(init: number, fd: number): () => Promise<ReadonlyMap<string, Owner>> {
  try {
    watcher ??= startWatcher();
    const own = watcher;
    const children = readFileSync(`/proc/${init}/task/${init}/children`, 'latin1').trim();
    const listener = own.system.take(Number(children.split(' ')[0]), fd);
    tell(own, watchWords.add, listener);
    return () =>
      new Promise((resolve) => {
        own.waiting.set(listener, resolve);
        own.worker.ref();
        tell(own, watchWords.remove, listener);
      });
  } catch (cause) {
    const message = `a step can't be watched: ${cause instanceof Error ? cause.message : cause}`;
    throw new SlipwayError('ERR_RUNTIME', message, { cause });
  }
}

/** Nothing may be watched any more. */
export function endWatching(): void {
  if (watcher) tell(watcher, watchWords.end, 0);
  watcher = undefined;
}
