// Waits for something that knows no signal of its own.

/** Settles as `promise` does, or rejects with `signal.reason` as soon as the signal is aborted; leaves no listener behind. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** What `source` gives, also where it gives nothing for long: then it is left as it is, and the signal's reason thrown. */
export async function* readUntilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await untilAborted(iterator.next(), signal);
      ended = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    const returned = ended ? undefined : iterator.return?.();
    // A source that is waited for does not return before it gives something.
    if (signal.aborted) returned?.catch(() => {});
    else await returned;
  }
}
