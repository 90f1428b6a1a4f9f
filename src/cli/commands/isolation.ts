// How steps are run, as flag and environment say.
import { SlipwayError } from '../../errors.ts';
import type { EngineOptions } from '../../index.ts';
import type { Session } from '../session.ts';
import { suggestionHint } from '../suggest.ts';

export const isolations: readonly EngineOptions['isolation'][] = ['auto', 'oci', 'sandbox'];

/**
 * `--isolation`, $SLIPWAY_ISOLATION, else auto.
 * @throws ERR_USAGE
 */
export function chooseIsolation(
  flag: string | undefined,
  session: Pick<Session, 'env'>,
): EngineOptions['isolation'] {
  const asked = flag ?? (session.env['SLIPWAY_ISOLATION'] || 'auto');
  const found = isolations.find((each) => each === asked);
  if (found !== undefined) return found;
  const message = `SLIPWAY_ISOLATION can't be ${JSON.stringify(asked)}`;
  throw new SlipwayError('ERR_USAGE', message, { hint: suggestionHint(asked, [...isolations]) });
}
