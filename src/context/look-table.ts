// What was looked at, path by path, in columns: for hundreds of thousands of files objects would take three times the memory.
import { type FileState, stateLength } from '../fs/file-state.ts';
import { releaseBuffer } from '../fs/release-buffer.ts';
import type { Digest } from '../oci/digest.ts';
import { counts, digestAt, newDigests, type Section, writeDigest } from './stat-file.ts';

export interface LookTable {
  /** The row of a path; -1 where it has none. */
  row(path: string): number;
  has(path: string): boolean;
  /** Adds a row, or writes it anew, without a digest; returns it. `state`: undefined where nothing is there. */
  set(path: string, count: number, state: FileState | undefined): number;
  /** What of the row's state counts (`counts`). */
  count(row: number): number;
  isState(row: number, state: FileState): boolean;
  digest(row: number): Digest | undefined;
  setDigest(row: number, digest: Digest): void;
  paths(): IterableIterator<string>;
  /** The rows as a section, in the same memory: none may be added or written after that. A file that was too fresh to tell by its times and was not read counts by its state alone. */
  section(question: Digest | '', answer: Digest | ''): Section;
}

const firstRows = 256;

export function createLookTable(): LookTable {
  const rows = new Map<string, number>();
  let kinds = new Uint8Array(firstRows);
  let states = new Float64Array(firstRows * stateLength);
  let digests = newDigests(firstRows);
  /** Mostly asked for again at once. */
  let lastPath: string | undefined;
  let lastRow = -1;

  function grow(): void {
    const [moreKinds, moreStates] = [new Uint8Array(kinds.length * 2), new Float64Array(states.length * 2)];
    moreKinds.set(kinds);
    moreStates.set(states);
    const moreDigests = newDigests(kinds.length * 2);
    moreDigests.set(digests);
    releaseBuffer(new Uint8Array(states.buffer));
    releaseBuffer(digests);
    [kinds, states, digests] = [moreKinds, moreStates, moreDigests];
  }

  const row = (path: string): number => {
    if (rows.size === 0) return -1;
    return path === lastPath ? lastRow : (rows.get(path) ?? -1);
  };

  return {
    row,
    has: (path) => rows.has(path),
    set(path, count, state) {
      let at = row(path);
      if (at < 0) {
        at = rows.size;
        if (at === kinds.length) grow();
        rows.set(path, at);
      } else digests.fill(0, at * 32, at * 32 + 32);
      lastPath = path;
      lastRow = at;
      kinds[at] = count;
      const start = at * stateLength;
      for (let number = 0; number < stateLength; number++)
        states[start + number] = state === undefined ? 0 : state[number]!;
      return at;
    },
    count: (at) => kinds[at]!,
    isState(at, state) {
      const start = at * stateLength;
      for (let number = 0; number < stateLength; number++)
        if (states[start + number] !== state[number]) return false;
      return true;
    },
    digest: (at) => digestAt({ digests }, at),
    setDigest: (at, digest) => writeDigest(digests, at, digest),
    paths: () => rows.keys(),
    section(question, answer) {
      const names = [...rows.keys()];
      const kept = kinds.slice(0, names.length);
      for (let at = 0; at < kept.length; at++)
        if (kept[at] === counts.content && !digestAt({ digests }, at)) kept[at] = counts.all;
      return {
        ...{ question, answer, names },
        counts: kept,
        states: states.subarray(0, names.length * stateLength),
        digests: digests.subarray(0, names.length * 32),
      };
    },
  };
}

/** A row of a section. */
export interface Known {
  section: Section;
  index: number;
}

export function isSame({ section, index }: Known, state: FileState): boolean {
  const { states } = section;
  const start = index * stateLength;
  for (let number = 0; number < stateLength; number++)
    if (states[start + number] !== state[number]) return false;
  return true;
}

/** The digests of files that no section looks at: those of `found` before those of `known`. */
export function withoutQuestion(
  sections: readonly Section[],
  found: LookTable,
  known: ReadonlyMap<string, Known>,
): Section {
  const inSections = new Set<string>();
  for (const { names } of sections) for (const name of names) inSections.add(name);
  const rest = createLookTable();
  const take = (name: string, { section, index }: Known): void => {
    const digest = digestAt(section, index);
    if (!digest || inSections.has(name) || rest.has(name)) return;
    const start = index * stateLength;
    const row = rest.set(name, counts.all, section.states.subarray(start, start + stateLength));
    rest.setDigest(row, digest);
  };
  const read = found.section('', '');
  for (const [index, name] of read.names.entries()) take(name, { section: read, index });
  for (const [name, place] of known) take(name, place);
  return rest.section('', '');
}
