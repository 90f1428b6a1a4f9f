// `--timeout`: work that takes longer than is allowed is stopped, and said to have been, with what it was at.
import { SlipwayError } from '../../errors.ts';
import type { Session } from '../session.ts';
import { parseMilliseconds } from './milliseconds.ts';

/** As timeout(1) ends. */
const timedOut = 124;
/** What a timer can count to; longer is for ever. */
const longest = 2 ** 31 - 1;

export interface TimeLimit extends Disposable {
  /** Its signal is aborted at the end of the time, too. */
  session: Session;
}

/**
 * Begins to count now.
 * @param text a number of seconds, or with units: `90`, `1h30m`; undefined or 0: no limit
 * @throws ERR_USAGE
 */
export function limitTime(text: string | undefined, session: Session): TimeLimit {
  const none = { session, [Symbol.dispose]() {} };
  if (text === undefined) return none;
  const limit = /^\d+$/.test(text) ? Number(text) * 1000 : parseMilliseconds(text, '--timeout');
  if (limit === 0 || limit > longest) return none;
  const controller = new AbortController();
  const timer = setTimeout(() => {
    if (session.signal.aborted) return;
    session.failure.errorCode = timedOut;
    const running = session.failure.running?.() ?? [];
    const at = running.length > 0 ? ` while it was at ${running.join(', ')}` : '';
    controller.abort(
      new SlipwayError('ERR_TIMEOUT', `it took longer than --timeout=${text} allows, and was stopped${at}`, {
        hint: 'allow more time; what is finished is in the cache, and a next run goes on from there',
      }),
    );
  }, limit);
  return {
    session: { ...session, signal: AbortSignal.any([session.signal, controller.signal]) },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
