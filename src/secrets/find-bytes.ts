// Looks for many strings of bytes at once (Wu and Manber): most bytes are stepped over, however many strings there are.

export interface Found<T> {
  at: number;
  /** The longest of those that begin here. */
  what: T;
}

export interface ByteSearch<T> {
  /** The longest string in bytes. */
  longest: number;
  /** The first string at or behind `from`. */
  find(bytes: Uint8Array, from?: number): Found<T> | undefined;
  /** How many bytes at the end of `bytes` may be the beginning of a string. */
  begun(bytes: Uint8Array): number;
}

/** @param strings of 2 bytes and more */
export function createByteSearch<T extends { bytes: Uint8Array }>(strings: readonly T[]): ByteSearch<T> {
  const window = Math.min(255, ...strings.map(({ bytes }) => bytes.length));
  const longest = Math.max(0, ...strings.map(({ bytes }) => bytes.length));
  // By the last two bytes of the window: how far it can move.
  const shifts = new Uint8Array(1 << 16).fill(window - 1);
  const ending = new Map<number, T[]>();
  const beginning = new Map<number, T[]>();
  for (const string of strings) {
    const { bytes } = string;
    for (let at = 1; at < window; at++) {
      const pair = bytes[at - 1]! | (bytes[at]! << 8);
      shifts[pair] = Math.min(shifts[pair]!, window - 1 - at);
    }
    add(ending, bytes[window - 2]! | (bytes[window - 1]! << 8), string);
    add(beginning, bytes[0]!, string);
  }
  for (const list of ending.values()) list.sort((a, b) => b.bytes.length - a.bytes.length);

  return {
    longest,
    find(bytes, from = 0) {
      if (strings.length === 0) return undefined;
      const { length } = bytes;
      for (let end = from + window - 1; end < length; ) {
        const pair = bytes[end - 1]! | (bytes[end]! << 8);
        const shift = shifts[pair]!;
        if (shift > 0) {
          end += shift;
          continue;
        }
        const at = end - window + 1;
        for (const what of ending.get(pair) ?? []) if (holds(bytes, at, what.bytes)) return { at, what };
        end++;
      }
      return undefined;
    },
    begun(bytes) {
      const from = Math.max(0, bytes.length - longest + 1);
      for (let at = from; at < bytes.length; at++) {
        const left = bytes.length - at;
        for (const { bytes: string } of beginning.get(bytes[at]!) ?? [])
          if (string.length > left && holds(bytes, at, string.subarray(0, left))) return left;
      }
      return 0;
    },
  };
}

function add<T>(lists: Map<number, T[]>, key: number, one: T): void {
  const list = lists.get(key);
  if (list) list.push(one);
  else lists.set(key, [one]);
}

function holds(bytes: Uint8Array, at: number, string: Uint8Array): boolean {
  if (at + string.length > bytes.length) return false;
  for (let index = 0; index < string.length; index++) if (bytes[at + index] !== string[index]) return false;
  return true;
}
