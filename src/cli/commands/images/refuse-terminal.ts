// Archives are not for eyes, and not typed in.
import { SlipwayError } from '../../../errors.ts';
import type { Session } from '../../session.ts';

/** @throws ERR_USAGE */
export function refuseTerminalOutput({ stdout }: Session, usage: string): void {
  if (!stdout.isTTY) return;
  throw new SlipwayError('ERR_USAGE', 'an archive is not written to a terminal', { hint: usage });
}

/** @throws ERR_USAGE */
export function refuseTerminalInput({ stdin }: Session, usage: string): void {
  if (!(stdin as { isTTY?: boolean }).isTTY) return;
  throw new SlipwayError('ERR_USAGE', 'an archive is not read from a terminal', { hint: usage });
}
