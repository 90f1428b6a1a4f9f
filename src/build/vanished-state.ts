// Tells of a state folder that somebody deletes in while it is used: what is missing then is nobody's bug.
import { existsSync } from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';

/** Of what was thrown while something else was thrown: what came first. */
function firstOf(error: unknown): unknown {
  let first = error;
  while (typeof first === 'object' && first !== null && 'suppressed' in first) first = first.suppressed;
  return first;
}

/** Maps a system error for a path below `root` that is not there to ERR_STORE; anything else is returned as it is. Throw what it returns. */
export function vanishedState(error: unknown, root: string): unknown {
  const first = firstOf(error);
  // What else fails on the way out has the same reason, or one that matters less.
  if (first instanceof SlipwayError) return first;
  const code = systemCode(first);
  const path = (first as { path?: unknown } | null)?.path;
  if (!['ENOENT', 'ENOTDIR', 'ESTALE'].includes(code ?? '') || typeof path !== 'string') return error;
  if (path !== root && !path.startsWith(`${root}/`)) return error;
  const what = existsSync(root) ? `${path} in the state folder is gone` : `the state folder ${root} is gone`;
  return new SlipwayError('ERR_STORE', `${what}: it was deleted while it was in use`, {
    hint: 'start again; what deletes there while somebody is at work is "slipway prune" alone',
    cause: first,
  });
}
