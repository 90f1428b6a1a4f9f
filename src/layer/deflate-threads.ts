// Threads that compress blocks, shared by all who compress at the same time; with the last of these they end.
import { Worker } from 'node:worker_threads';
import { addSpan } from '../trace.ts';
import type { DeflatedBlock, DeflateTask } from './deflate-block.ts';
import { deflateOnPool, deflateProgram } from './deflate-program.ts';

export interface DeflateThreads {
  /** As deflateOnPool. */
  deflate(task: DeflateTask): Promise<DeflatedBlock>;
  /** Nothing may be under way. */
  [Symbol.dispose](): void;
}

interface Thread {
  pending(): number;
  run(task: DeflateTask): Promise<DeflatedBlock>;
  end(): void;
}

let threads: Thread[] = [];
let users = 0;

/** @param count how many threads to have, where there are none yet. */
export function useDeflateThreads(count: number): DeflateThreads {
  users++;
  if (threads.length === 0) threads = Array.from({ length: count }, createThread);
  let released = false;
  return {
    deflate(task) {
      const idlest = threads.reduce((a, b) => (b.pending() < a.pending() ? b : a));
      // Where a thread can't be had, or ended: the result is the same.
      return idlest.run(task).catch(() => deflateOnPool(task));
    },
    [Symbol.dispose]() {
      if (released) return;
      released = true;
      if (--users > 0) return;
      for (const thread of threads) thread.end();
      threads = [];
    },
  };
}

/** It keeps the process alive only while it is at work. */
function createThread(): Thread {
  /** When it had done what it was last told. */
  let idle = 0;
  const waiting: { resolve(result: DeflatedBlock): void; reject(cause: unknown): void }[] = [];
  let failure: Error | undefined;
  const fail = (cause: Error): void => {
    failure ??= cause;
    for (const one of waiting.splice(0)) one.reject(failure);
  };
  const worker = new Worker(deflateProgram, { eval: true, execArgv: [], env: {} });
  worker.unref();
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the thread ended')));
  worker.on('message', (result: DeflatedBlock) => {
    waiting.shift()?.resolve(result);
    if (waiting.length === 0) worker.unref();
  });
  return {
    pending: () => (failure ? Number.POSITIVE_INFINITY : waiting.length),
    run(task) {
      if (failure) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        const told = performance.now();
        const done = (result: DeflatedBlock): void => {
          const end = performance.now();
          addSpan('thread', 'deflate block', { start: Math.max(told, idle), end });
          idle = end;
          resolve(result);
        };
        waiting.push({ resolve: done, reject });
        worker.ref();
        worker.postMessage(task);
      });
    },
    end: () => void worker.terminate(),
  };
}
