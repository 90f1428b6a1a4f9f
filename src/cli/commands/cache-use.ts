// How far the cache is trusted: `--no-cache` and `--cache-ttl`.
import { SlipwayError } from '../../errors.ts';
import { type BuildRequest, parseDuration } from '../../index.ts';

/**
 * A lifetime of 0 uses no cache, as buildah has it.
 * @param ttl a Go duration.
 * @throws ERR_USAGE
 */
export function readCacheUse(
  ttl: string | undefined,
  noCache: boolean | undefined,
): Pick<BuildRequest, 'noCache' | 'cacheTTL'> {
  if (ttl === undefined) return { noCache: noCache ?? false };
  const milliseconds = readMilliseconds(ttl);
  if (milliseconds > 0) return { noCache: noCache ?? false, cacheTTL: milliseconds };
  if (noCache === false)
    throw new SlipwayError('ERR_USAGE', '--cache-ttl=0 and --no-cache=false contradict each other');
  return { noCache: true };
}

function readMilliseconds(ttl: string): number {
  const hint = 'write hours, minutes or seconds: --cache-ttl=336h for two weeks, 1h30m, 0';
  let nanoseconds: number;
  try {
    nanoseconds = parseDuration(ttl);
  } catch (cause) {
    if (!(cause instanceof SlipwayError)) throw cause;
    throw new SlipwayError('ERR_USAGE', `--cache-ttl: ${cause.message}`, { hint });
  }
  if (nanoseconds < 0)
    throw new SlipwayError('ERR_USAGE', `--cache-ttl: ${JSON.stringify(ttl)} is negative`, { hint });
  return nanoseconds / 1e6;
}
