// How steps are run and layers become files, as flags and environment say.
import { SlipwayError } from '../../errors.ts';
import type { EngineOptions } from '../../index.ts';
import type { Session } from '../session.ts';
import { suggestionHint } from '../suggest.ts';

export const isolations: readonly EngineOptions['isolation'][] = [
  'auto',
  'oci',
  'sandbox',
  'rootless',
  'chroot',
];
/** What --require takes, strongest first. */
export const levels = ['oci', 'sandbox', 'rootless', 'rootless-single', 'chroot'] as const;
export const snapshotters: readonly EngineOptions['snapshotter'][] = ['auto', 'overlay', 'copy', 'erofs'];

function choose<T extends string>(
  choices: readonly T[],
  flag: string | undefined,
  variable: string,
  env: Session['env'],
): T | 'auto' {
  const asked = flag ?? (env[variable] || 'auto');
  const found = choices.find((each) => each === asked);
  if (found !== undefined) return found;
  const message = `${variable} can't be ${JSON.stringify(asked)}`;
  throw new SlipwayError('ERR_USAGE', message, { hint: suggestionHint(asked, [...choices]) });
}

/**
 * `--isolation`, $SLIPWAY_ISOLATION, else auto.
 * @throws ERR_USAGE
 */
export const chooseIsolation = (
  flag: string | undefined,
  { env }: Pick<Session, 'env'>,
): EngineOptions['isolation'] => choose(isolations, flag, 'SLIPWAY_ISOLATION', env);

/**
 * `--snapshotter`, $SLIPWAY_SNAPSHOTTER, else auto.
 * @throws ERR_USAGE
 */
export const chooseSnapshotter = (
  flag: string | undefined,
  { env }: Pick<Session, 'env'>,
): EngineOptions['snapshotter'] => choose(snapshotters, flag, 'SLIPWAY_SNAPSHOTTER', env);

/** What is forced gives no more than this. */
const most: Partial<Record<EngineOptions['isolation'], (typeof levels)[number]>> = {
  ...{ sandbox: 'sandbox', rootless: 'rootless', chroot: 'chroot' },
};

/**
 * `--require`, $SLIPWAY_REQUIRE_ISOLATION, else nothing is required.
 * @throws ERR_USAGE, also where --isolation asks for less
 */
export function chooseLevel(
  flag: string | undefined,
  isolation: EngineOptions['isolation'],
  { env }: Pick<Session, 'env'>,
): EngineOptions['require'] {
  const variable = 'SLIPWAY_REQUIRE_ISOLATION';
  const asked = flag ?? (env[variable] || undefined);
  if (asked === undefined) return undefined;
  const level = levels.find((each) => each === asked);
  if (level === undefined) {
    const message = `${variable} can't be ${JSON.stringify(asked)}`;
    throw new SlipwayError('ERR_USAGE', message, { hint: suggestionHint(asked, [...levels]) });
  }
  const limit = most[isolation];
  if (limit === undefined || levels.indexOf(limit) <= levels.indexOf(level)) return level;
  throw new SlipwayError('ERR_USAGE', `--isolation=${isolation} is less than --require=${level}`, {
    hint: 'leave one of them out, here or in the environment',
  });
}
