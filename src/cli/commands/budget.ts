// `--budget WHAT=LIMIT,…`: limits that a report has to keep, for CI.
import { SlipwayError } from '../../errors.ts';
import { readAmount } from '../../index.ts';
import { suggestionHint } from '../suggest.ts';

/** A limit in bytes, or as a share (0 to 1) of the whole. */
export type Limit = { type: 'bytes'; bytes: number } | { type: 'share'; share: number };

/** One limit, as it was written. */
export interface Budget {
  name: string;
  limit: Limit;
  text: string;
}

/**
 * A unit is a power of 1000, as sizes are shown; with an `i` (MiB) one of 1024.
 * @param names what can be limited. @throws ERR_USAGE
 */
export function parseBudgets(lists: readonly string[], names: readonly string[]): Budget[] {
  return lists
    .flatMap((text) => text.split(','))
    .map((word) => {
      const text = word.trim();
      const [, name = '', limit = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
      if (!names.includes(name)) {
        throw new SlipwayError(
          'ERR_USAGE',
          `--budget: there is no budget for ${JSON.stringify(name || text)}`,
          {
            hint: `${suggestionHint(name, names)}; --budget ${names[0]}=50MB`,
          },
        );
      }
      return { name, limit: parseLimit(text, limit), text };
    });
}

function parseLimit(text: string, limit: string): Limit {
  const amount = readAmount(limit);
  if (!amount) {
    throw new SlipwayError('ERR_USAGE', `--budget: ${JSON.stringify(text)} has no size`, {
      hint: 'write bytes, a number with kB, MB or GB, or a share as in 5%',
    });
  }
  if (amount.unit === 'percent') return { type: 'share', share: amount.value / 100 };
  return { type: 'bytes', bytes: amount.value };
}

/** Whether `bytes` of `whole` are more than the limit allows. */
export function isOver(limit: Limit, bytes: number, whole: number): boolean {
  return bytes > (limit.type === 'bytes' ? limit.bytes : limit.share * whole);
}
