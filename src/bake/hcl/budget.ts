// How much the expressions of a bake may make: a few lines can ask for more than any machine has.
import type { Value } from './value.ts';
import { valueError } from './value.ts';

/** Told of what is evaluated and made. @throws ERR_EXPANSION when it is too much */
export type Spend = (units: number) => void;

/** Expressions that are evaluated, items that are made, and sixteenths of the characters of texts: seconds, at most. */
const most = 3_000_000;
/** Characters of one text. */
const longest = 16 << 20;

const hint = 'write it with smaller lists and texts, or pass what it comes to in a variable';

export function createSpend(): Spend {
  let left = most;
  return (units) => {
    left -= units;
    if (left < 0) throw valueError('the expressions come to too much', hint);
  };
}

/** What it costs to have made a value; not what it holds, which was made before. */
export function costOf(value: Value): number {
  if (typeof value === 'string') return value.length >> 4;
  if (Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : 0;
}

/** @param length of a text that is to be made. @throws ERR_EXPANSION */
export function checkLength(length: number): void {
  if (length > longest) throw valueError(`a text would be longer than ${longest >> 20} MiB`, hint);
}

/** What a function makes; that it holds too much is no bug. */
export function withinMemory<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    // Of V8: a text or a list that is too long, or values that lie too deep in one another.
    if (error instanceof RangeError) throw valueError('the expressions come to too much', hint);
    throw error;
  }
}
