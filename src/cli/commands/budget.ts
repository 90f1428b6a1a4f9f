// `--budget WHAT=LIMIT,…`: limits that a report has to keep, for CI.
import { SlipwayError } from '../../errors.ts';
import { suggestionHint } from '../suggest.ts';

/** A limit in bytes, or as a share (0 to 1) of the whole. */
export type Limit = { type: 'bytes'; bytes: number } | { type: 'share'; share: number };

/** One limit, as it was written. */
export interface Budget {
  name: string;
  limit: Limit;
  text: string;
}

/** The exit code where a report is over its budget. */
export const overBudget = 4;

const powers: Record<string, number> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4 };

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
  const share = /^(\d+(?:\.\d+)?)%$/.exec(limit);
  if (share) return { type: 'share', share: Number(share[1]) / 100 };
  const size = /^(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?$/i.exec(limit);
  if (!size) {
    throw new SlipwayError('ERR_USAGE', `--budget: ${JSON.stringify(text)} has no size`, {
      hint: 'write bytes, a number with kB, MB or GB, or a share as in 5%',
    });
  }
  const unit = size[3] === '' ? 1000 : 1024;
  return { type: 'bytes', bytes: Number(size[1]) * unit ** powers[size[2]!.toLowerCase()]! };
}

/** Whether `bytes` of `whole` are more than the limit allows. */
export function isOver(limit: Limit, bytes: number, whole: number): boolean {
  return bytes > (limit.type === 'bytes' ? limit.bytes : limit.share * whole);
}
