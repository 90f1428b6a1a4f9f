// Work with a service that may take only so long.
import { SlipwayError } from '../errors.ts';

export interface TimeLimit {
  /** Milliseconds. */
  ms: number;
  /** What takes so long. */
  what: string;
  signal: AbortSignal;
}

/** @throws ERR_NETWORK where it takes longer */
export async function withinTime<T>(limit: TimeLimit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { end, either } = begin(limit);
  try {
    return await work(either);
  } catch (error) {
    throw told(limit, end, error);
  }
}

/** @throws ERR_NETWORK where it takes longer */
export async function* streamWithinTime<T>(
  limit: TimeLimit,
  work: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const { end, either } = begin(limit);
  try {
    yield* work(either);
  } catch (error) {
    throw told(limit, end, error);
  }
}

const hint = 'the network or the service is at fault: build again later';

function begin({ ms, signal }: TimeLimit): { end: AbortSignal; either: AbortSignal } {
  const end = AbortSignal.timeout(ms);
  return { end, either: AbortSignal.any([signal, end]) };
}

function told({ ms, what, signal }: TimeLimit, end: AbortSignal, error: unknown): unknown {
  signal.throwIfAborted();
  if (!end.aborted) {
    const isReach = error instanceof SlipwayError && error.code === 'ERR_NETWORK';
    return isReach ? new SlipwayError('ERR_NETWORK', error.message, { hint, cause: error }) : error;
  }
  return new SlipwayError('ERR_NETWORK', `${what} took longer than ${ms / 1000} seconds`, {
    hint: 'timeout=10m gives it ten minutes',
    cause: error,
  });
}
