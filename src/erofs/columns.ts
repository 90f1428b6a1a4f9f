// Numbers by index that grow: tables of hundreds of thousands of rows take what the numbers take, and no object for each row.

type Numbers = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

export interface Column {
  /** 0 where nothing was set. */
  get(index: number): number;
  set(index: number, value: number): void;
}

const firstRows = 256;

/** @param make gives that many zeros. */
export function createColumn<T extends Numbers>(make: (length: number) => T): Column {
  let numbers = make(firstRows);
  return {
    get: (index) => numbers[index] ?? 0,
    set(index, value) {
      if (index >= numbers.length) {
        const more = make(Math.max(index + 1, numbers.length * 2));
        more.set(numbers);
        numbers = more;
      }
      numbers[index] = value;
    },
  };
}

/** For numbers above 32 bits. */
export const wide = (length: number): Float64Array => new Float64Array(length);
export const word = (length: number): Uint32Array => new Uint32Array(length);
export const half = (length: number): Uint16Array => new Uint16Array(length);
export const byte = (length: number): Uint8Array => new Uint8Array(length);
