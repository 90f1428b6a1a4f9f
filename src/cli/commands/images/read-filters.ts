// `--filter key=value`, as docker has it.
import { SlipwayError } from '../../../errors.ts';
import { suggestionHint } from '../../suggest.ts';

/** Values by key, in order. @throws ERR_USAGE */
export function readFilters<Key extends string>(
  list: readonly string[],
  keys: readonly Key[],
): Partial<Record<Key, string[]>> {
  const filters: Partial<Record<Key, string[]>> = {};
  for (const text of list) {
    const equals = text.indexOf('=');
    const key = text.slice(0, Math.max(equals, 0)).trim().toLowerCase() as Key;
    if (equals < 1) {
      throw new SlipwayError('ERR_USAGE', `--filter: ${JSON.stringify(text)} is not written KEY=VALUE`, {
        hint: `keys: ${keys.join(', ')}`,
      });
    }
    if (!keys.includes(key)) {
      throw new SlipwayError('ERR_USAGE', `--filter: there is no key ${JSON.stringify(key)}`, {
        hint: suggestionHint(key, keys),
      });
    }
    filters[key] = [...(filters[key] ?? []), text.slice(equals + 1)];
  }
  return filters;
}

/** @throws ERR_USAGE */
export function readSwitch(values: readonly string[] | undefined, key: string): boolean | undefined {
  const value = values?.at(-1);
  if (value === undefined) return undefined;
  if (['true', '1'].includes(value)) return true;
  if (['false', '0'].includes(value)) return false;
  throw new SlipwayError('ERR_USAGE', `--filter ${key}=${value}: it is true or false`);
}

/**
 * A moment: a Go duration before now (`24h`, `1h30m`), a time or date (RFC 3339, local where it has no zone), or seconds since
 * 1970. The earliest where there are several. Milliseconds since 1970.
 * @throws ERR_USAGE
 */
export async function readUntil(
  values: readonly string[] | undefined,
  now: number,
): Promise<number | undefined> {
  if (!values) return undefined;
  const { parseDuration } = await import('../../../index.ts');
  const moment = (text: string): number => {
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
    const time = /^\d{4}-\d\d-\d\d/.test(text)
      ? Date.parse(/T/.test(text) ? text : `${text}T00:00:00`)
      : Number.NaN;
    if (!Number.isNaN(time)) return time;
    try {
      return now - parseDuration(text) / 1e6;
    } catch (cause) {
      throw new SlipwayError('ERR_USAGE', `--filter until=${text}: that is no time`, {
        hint: 'a duration before now (24h), a date (2026-03-01), a time, or seconds since 1970',
        cause,
      });
    }
  };
  return Math.min(...values.map(moment));
}
