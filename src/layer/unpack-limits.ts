// How much archives and layers that anyone may have made can unpack to, and the words in which a user says it otherwise.
import { SlipwayError } from '../errors.ts';
import { beyondLimit } from './bad-archive.ts';

export interface UnpackLimits {
  /** Bytes that one layer or archive unpacks to. */
  layer: number;
  /** Bytes that all layers and archives of one command unpack to. */
  total: number;
  /** Entries of one layer or archive. */
  entries: number;
  /** Bytes to which the sparse files of one archive expand. */
  sparse: number;
  /** How many bytes one byte of a compressed form stands for, once there are more than `ratioFrom`. */
  ratio: number;
  /** Bytes of one file that a web server sends. */
  download: number;
}

/** Nothing that anybody builds on comes near them, and no disk survives without them. */
export const defaultLimits: Readonly<UnpackLimits> = {
  layer: 256 * 2 ** 30,
  total: 2 ** 40,
  entries: 4_000_000,
  sparse: 64 * 2 ** 30,
  ratio: 1000,
  download: 256 * 2 ** 30,
};

/** Zeros alone may be packed more tightly: a disk image that is empty yet. */
export const ratioFrom = 4 * 2 ** 30;

const counts = new Set<keyof UnpackLimits>(['entries', 'ratio']);

/** What one command has unpacked, and may. */
export interface UnpackBudget {
  readonly limits: Readonly<UnpackLimits>;
  /** Of `total`. */
  left: number;
}

/**
 * `layer=64g,entries=1000000`; `none` lifts a limit. What is not named is as usual.
 * @throws ERR_USAGE
 */
export function createUnpackBudget(text: string | undefined): UnpackBudget {
  const limits = { ...defaultLimits };
  for (const part of (text ?? '').split(',')) {
    const setting = part.trim();
    if (setting === '') continue;
    const [name = '', value = ''] = setting.split(/=(.*)/s);
    if (!Object.hasOwn(limits, name)) {
      throw new SlipwayError('ERR_USAGE', `SLIPWAY_LIMITS: there is no limit ${JSON.stringify(name)}`, {
        hint: `there are ${Object.keys(limits).join(', ')}`,
      });
    }
    limits[name as keyof UnpackLimits] = parseLimit(name as keyof UnpackLimits, value);
  }
  return { limits, left: limits.total };
}

function parseLimit(name: keyof UnpackLimits, value: string): number {
  if (value === 'none') return Number.POSITIVE_INFINITY;
  const isCount = counts.has(name);
  const [, digits, unit = ''] = /^(\d{1,15})(?:([kmgt])(?:i?b)?)?$/i.exec(value) ?? [];
  const number = Number(digits) * 1024 ** ' kmgt'.indexOf(unit.toLowerCase() || ' ');
  if (digits !== undefined && number > 0 && Number.isSafeInteger(number) && !(isCount && unit)) return number;
  throw new SlipwayError('ERR_USAGE', `SLIPWAY_LIMITS: ${JSON.stringify(value)} is no limit for ${name}`, {
    hint: isCount ? `${name}=${defaultLimits[name]}, or ${name}=none` : `${name}=64g, or ${name}=none`,
  });
}

/** Counts what comes out of a compressed form, or is none. */
export interface UnpackCounter {
  /** @throws ERR_BAD_ARCHIVE beyond a limit. @param packed bytes of the compressed form so far; undefined: there is none */
  add(bytes: number, packed: number | undefined): void;
}

export function createUnpackCounter(budget: UnpackBudget): UnpackCounter {
  const { limits } = budget;
  let unpacked = 0;
  return {
    add(bytes, packed) {
      unpacked += bytes;
      budget.left -= bytes;
      if (unpacked > limits.layer)
        throw beyondLimit(`it unpacks to more than ${limits.layer} bytes`, 'layer');
      if (budget.left < 0)
        throw beyondLimit(
          `together with what was unpacked before, it has more than ${limits.total} bytes`,
          'total',
        );
      if (packed !== undefined && unpacked > ratioFrom && unpacked > packed * limits.ratio)
        throw beyondLimit(`each of its bytes unpacks to more than ${limits.ratio}`, 'ratio');
    },
  };
}
