// Bodies that keep coming, but so slowly that whoever waits for them waits for ever.

/** Bytes a second: no connection over which images are pulled is slower. */
const slowest = 256;

/** As slow as if nothing came at all. */
class TooSlowError extends Error {
  readonly code = 'ERR_TOO_SLOW';
}

/**
 * The same chunks. Only the time counts for which the sender is waited for.
 * @param window milliseconds in each of which 256 bytes a second are to come
 * @throws an error with the code ERR_TOO_SLOW
 */
export async function* paced(body: AsyncIterable<Buffer>, window: number): AsyncGenerator<Buffer, void> {
  const chunks = body[Symbol.asyncIterator]();
  let waited = 0;
  let came = 0;
  try {
    for (;;) {
      const asked = performance.now();
      const next = await chunks.next();
      if (next.done) return;
      waited += performance.now() - asked;
      came += next.value.length;
      if (waited >= window) {
        if (came < (window / 1000) * slowest)
          throw new TooSlowError(`${came} bytes in ${Math.round(waited)} ms`);
        waited = 0;
        came = 0;
      }
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
