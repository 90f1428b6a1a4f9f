// Where the state folder is when nobody says so.
import { isAbsolute, join, resolve } from 'node:path';
import type { Session } from './session.ts';

/**
 * `--root`, else $SLIPWAY_ROOT, else /var/lib/slipway as root and $XDG_DATA_HOME/slipway (~/.local/share/slipway) otherwise.
 * An absolute path.
 */
export function stateRoot(
  flag: string | undefined,
  session: Pick<Session, 'env' | 'cwd' | 'uid' | 'home'>,
): string {
  const given = flag || session.env['SLIPWAY_ROOT'];
  if (given) return resolve(session.cwd, given);
  if (session.uid === 0) return '/var/lib/slipway';
  const data = session.env['XDG_DATA_HOME'];
  // The XDG specification says to ignore a relative path.
  return join(data && isAbsolute(data) ? data : join(session.home, '.local', 'share'), 'slipway');
}
