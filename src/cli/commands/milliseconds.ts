// Spans of time as Go writes them: 24h, 1h30m.
import { SlipwayError } from '../../errors.ts';
import { parseDuration } from '../../index.ts';

/** @throws ERR_USAGE for what is none, and for negative ones */
export function parseMilliseconds(text: string, what: string): number {
  const hint = 'write hours, minutes or seconds: 336h for two weeks, 1h30m';
  let nanoseconds: number;
  try {
    nanoseconds = parseDuration(text);
  } catch (cause) {
    if (!(cause instanceof SlipwayError)) throw cause;
    throw new SlipwayError('ERR_USAGE', `${what}: ${cause.message}`, { hint });
  }
  if (nanoseconds >= 0) return nanoseconds / 1e6;
  throw new SlipwayError('ERR_USAGE', `${what}: ${JSON.stringify(text)} is negative`, { hint });
}
