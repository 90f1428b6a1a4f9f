// A stream that ends when a signal says so, even where its source hangs.
import { untilAborted } from '../fs/until-aborted.ts';

/** The items of `source`; throws `signal.reason` at once when aborted. The source is told to stop, and not waited for then. */
export async function* abortable<T>(
  source: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator: AsyncIterator<T> | Iterator<T> =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let ended = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const step = await untilAborted(Promise.resolve(iterator.next()), signal);
      if (step.done) break;
      yield step.value;
    }
    ended = true;
  } finally {
    if (!ended) {
      const stopped = Promise.resolve(iterator.return?.()).catch(() => undefined);
      if (!signal?.aborted) await stopped;
    }
  }
}
