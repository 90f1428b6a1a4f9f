// Which renderer shows the progress of a build.
import { SlipwayError } from '../../errors.ts';
import type { ProgressMode } from '../progress/progress.ts';
import type { Session } from '../session.ts';
import { suggestionHint } from '../suggest.ts';

const modes = ['auto', 'plain', 'tty', 'quiet', 'rawjson', 'none'];

export const progressFlag = {
  name: 'progress',
  type: 'text',
  value: 'MODE',
  choices: modes,
  help: 'auto, plain, tty, quiet, rawjson or none (default: auto, which is tty on a terminal)',
} as const;

/**
 * `--quiet`, `--progress`, $SLIPWAY_PROGRESS, $BUILDKIT_PROGRESS, else auto. `auto` and `tty` are `plain` where standard
 * error is no terminal that can be drawn on.
 * @throws ERR_USAGE
 */
export function chooseProgressMode(
  given: { quiet: boolean; progress: string | undefined },
  session: Pick<Session, 'env' | 'stderr'>,
): ProgressMode {
  if (given.quiet) {
    if (given.progress !== undefined && given.progress !== 'auto' && given.progress !== 'quiet') {
      throw new SlipwayError('ERR_USAGE', `--quiet and --progress=${given.progress} contradict each other`);
    }
    return 'quiet';
  }
  const asked =
    given.progress ?? (session.env['SLIPWAY_PROGRESS'] || session.env['BUILDKIT_PROGRESS'] || 'auto');
  if (!modes.includes(asked)) {
    throw new SlipwayError(
      'ERR_USAGE',
      `there is no progress mode ${JSON.stringify(asked)} (from the environment)`,
      {
        hint: suggestionHint(asked, modes),
      },
    );
  }
  if (asked !== 'auto' && asked !== 'tty') return asked as ProgressMode;
  return session.stderr.isTTY && session.env['TERM'] !== 'dumb' ? 'tty' : 'plain';
}

/** Colours are for terminals, and for nobody who says NO_COLOR. */
export function wantsColor(session: Pick<Session, 'env' | 'stderr'>): boolean {
  return Boolean(session.stderr.isTTY) && !session.env['NO_COLOR'] && session.env['TERM'] !== 'dumb';
}
