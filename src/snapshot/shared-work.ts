// Lets callers who want the same thing at the same time share the work of one of them.
import { untilAborted } from '../fs/until-aborted.ts';

export type SharedWork<K, T> = (key: K, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Runs `work` unless it runs already under that key. Whoever waits takes over where the one who ran it was aborted. */
export function createSharedWork<K, T>(): SharedWork<K, T> {
  const running = new Map<K, { promise: Promise<T>; owner: AbortSignal }>();
  return async (key, signal, work) => {
    for (;;) {
      signal.throwIfAborted();
      const other = running.get(key);
      if (!other) break;
      try {
        return await untilAborted(other.promise, signal);
      } catch (error) {
        if (!other.owner.aborted) throw error;
      }
    }
    const promise = work().finally(() => running.delete(key));
    running.set(key, { promise, owner: signal });
    return await promise;
  };
}
