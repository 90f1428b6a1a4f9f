// Names of directories: each is found by its directory and its bytes, and leads to a node.
import { byte, createColumn, word } from './columns.ts';
import type { Texts } from './texts.ts';

/** Names by number. The numbers of `.` and `..`, which stand in every directory, are the first. */
export const dotName = 0;
export const dotDotName = 1;

/** The longest name of a file on Linux. */
const longestName = 255;

export interface NameTable {
  /** Names so far, also those that lead nowhere any more. */
  readonly count: number;
  /** The node that a name leads to; 0 for none. */
  find(directory: number, name: string): number;
  /** Lets a name lead to a node, wherever it led before; to none with 0. @throws RangeError for a name that is too long. */
  set(directory: number, name: string, node: number): void;
  /** Numbers of the names of a directory that lead somewhere, the last first. */
  list(directory: number): number[];
  nodeOf(name: number): number;
  lengthOf(name: number): number;
  bytesOf(name: number): Buffer;
  textOf(name: number): string;
  /** By their bytes. */
  compare(one: number, other: number): number;
}

/** @param seed 32 bits that who chooses the names does not know: it can't choose such that take long to find. */
export function createNameTable(texts: Texts, seed: number): NameTable {
  const [directories, starts, nodes, nexts] = [
    createColumn(word),
    createColumn(word),
    createColumn(word),
    createColumn(word),
  ];
  const lengths = createColumn(byte);
  /** Of each directory, the last name that was added. */
  const lasts = createColumn(word);
  let count = 0;
  /** Numbers of names, 0 where there is none, by what their bytes come to. */
  let slots = new Uint32Array(1 << 9);
  const factor = Math.imul(seed ^ 0x85ebca6b, 0x9e3779b1) | 1;

  function hash(directory: number, at: number, length: number): number {
    let value = Math.imul(directory ^ seed, factor);
    for (let index = at; index < at + length; index++) {
      value = Math.imul(value ^ texts.byteAt(index), factor);
      value ^= value >>> 15;
    }
    return value >>> 0;
  }

  function isSame(name: number, at: number, length: number): boolean {
    if (lengths.get(name) !== length) return false;
    const start = starts.get(name);
    for (let index = 0; index < length; index++)
      if (texts.byteAt(start + index) !== texts.byteAt(at + index)) return false;
    return true;
  }

  /** Where the name that stands at `at` is among the slots, or would be. */
  function slotOf(directory: number, at: number, length: number): number {
    const mask = slots.length - 1;
    let slot = hash(directory, at, length) & mask;
    for (;;) {
      const name = slots[slot]!;
      if (name === 0 || (directories.get(name) === directory && isSame(name, at, length))) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function grow(): void {
    const old = slots;
    slots = new Uint32Array(old.length * 2);
    for (const name of old)
      if (name !== 0) slots[slotOf(directories.get(name), starts.get(name), lengths.get(name))] = name;
  }

  function append(directory: number, at: number, length: number): number {
    const name = count++;
    directories.set(name, directory);
    starts.set(name, at);
    lengths.set(name, length);
    return name;
  }

  append(0, texts.add('.'), 1);
  append(0, texts.add('..'), 2);

  return {
    get count() {
      return count;
    },
    find(directory, name) {
      const at = texts.add(name);
      const slot = slotOf(directory, at, texts.end - at);
      texts.cut(at);
      return nodes.get(slots[slot]!);
    },
    set(directory, text, node) {
      const at = texts.add(text);
      const length = texts.end - at;
      const slot = length > longestName ? 0 : slotOf(directory, at, length);
      let name = slots[slot]!;
      if (length > longestName || name !== 0 || node === 0) texts.cut(at);
      if (length > longestName) throw new RangeError(`a name has ${length} bytes`);
      if (name === 0 && node === 0) return;
      if (name === 0) {
        name = append(directory, at, length);
        slots[slot] = name;
        nexts.set(name, lasts.get(directory));
        lasts.set(directory, name);
        if (count * 2 > slots.length) grow();
      }
      nodes.set(name, node);
    },
    list(directory) {
      const found: number[] = [];
      for (let name = lasts.get(directory); name !== 0; name = nexts.get(name))
        if (nodes.get(name) !== 0) found.push(name);
      return found;
    },
    nodeOf: nodes.get,
    lengthOf: lengths.get,
    bytesOf: (name) => texts.bytes(starts.get(name), lengths.get(name)),
    textOf: (name) => texts.text(starts.get(name), lengths.get(name)),
    compare(one, other) {
      const [start, otherStart] = [starts.get(one), starts.get(other)];
      const [length, otherLength] = [lengths.get(one), lengths.get(other)];
      const common = Math.min(length, otherLength);
      for (let index = 0; index < common; index++) {
        const difference = texts.byteAt(start + index) - texts.byteAt(otherStart + index);
        if (difference !== 0) return difference;
      }
      return length - otherLength;
    },
  };
}
