// What was found out about a local context, remembered by what lstat says of its files: what is unchanged is neither read nor thought over again.
import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import {
  type FileState,
  isDirectoryMode,
  isFileMode,
  isLinkMode,
  readState,
  stateLength,
} from '../fs/file-state.ts';
import { decodeName, encodePath } from '../fs/path-bytes.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { OpenQuestion } from '../tree/open-question.ts';
import { parentPath } from '../tree/path.ts';
import type { Steps } from '../tree/steps.ts';
import { contentNow, isRacy, linkDigest, namesDigest } from './fresh-file.ts';
import { createLookTable, isSame, type Known, type LookTable, withoutQuestion } from './look-table.ts';
import { clearDigest, counts, decodeStatFile, digestAt, encodeStatFile, type Section } from './stat-file.ts';

export interface StatCache {
  /** The remembered digest of a file, or what `read` finds now. `path` is the host's. */
  digest(path: string | Buffer, state: FileState, read: () => Digest): Digest;
  /** The same, read in steps. */
  digestInSteps(path: string | Buffer, state: FileState, read: () => Steps<Digest>): Steps<Digest>;
  /**
   * What `ask` answers, or answered before where nothing that it looked at has changed since. It asks the files alone, through the
   * functions of this cache, and gives equal answers for equal files. Between its steps others may ask.
   */
  remembered(question: string, ask: () => Steps<Digest>): Steps<Digest>;
  /** The same in two parts; undefined where there was something to remember when this build began. */
  open(question: string): OpenQuestion | undefined;
  /** `remembered` is told what was seen of a path of the tree, and which names in it after that, where they were asked for. */
  look(path: string, names: readonly string[] | undefined, state: FileState | undefined): void;
  /** Writes what is new; nothing where nothing is. */
  save(): Promise<void>;
}

export interface StatCacheOptions {
  file: string;
  /** Holds the files: their names are kept without it. */
  directory: string;
  tmp: string;
  /** Reads a file for its digest. */
  read(path: string | Buffer): Digest;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What this build did not ask is kept up to this: another target may need it. */
const mostSections = 16;
const mostEntries = 200_000;
/** Paths that are looked at between two steps. */
const stride = 4096;

/** The row of what changed last, by its ctime; -1 where there is none. */
function newestOf({ names, states }: Section): number {
  let newest = -1;
  let time = 0;
  for (let index = 0; index < names.length; index++) {
    const at = index * stateLength;
    const changed = states[at + 5]! + states[at + 6]! / 1e9;
    if (changed <= time) continue;
    time = changed;
    newest = index;
  }
  return newest;
}

function copyOf(state: FileState): FileState {
  return [state[0]!, state[1]!, state[2]!, state[3]!, state[4]!, state[5]!, state[6]!];
}

function load(file: string): Section[] {
  try {
    return decodeStatFile(readFileSync(file));
  } catch {
    return [];
  }
}

/** A file that is missing, torn or of another version is an empty cache. */
export function createStatCache(options: StatCacheOptions): StatCache {
  const { directory, now } = options;
  let sections: Section[] | undefined;
  let wasEmpty = false;
  /** Of the sections, by name; made when a file is asked for. */
  let known: Map<string, Known> | undefined;
  /** Sections that `known` does not tell of yet. */
  let added: Section[] = [];
  /** Digests that belong to no section. */
  const found = createLookTable();
  /** While a question is asked: what it looks at, and whether all of it can be trusted. */
  let looks: LookTable | undefined;
  let isTrusted = true;
  let changed = false;

  const all = (): Section[] => {
    if (!sections) {
      sections = load(options.file);
      wasEmpty = sections.length === 0;
    }
    return sections;
  };

  function digestsBefore(): Map<string, Known> {
    const news = known ? added : all().toReversed();
    known ??= new Map();
    added = [];
    for (const section of news) {
      for (const [index, name] of section.names.entries())
        if (section.counts[index] !== counts.content && digestAt(section, index))
          known.set(name, { section, index });
    }
    return known;
  }

  /** The digest that is remembered of a file in this state. */
  function recall(name: string, state: FileState): Digest | undefined {
    const row = found.row(name);
    if (row >= 0) return found.isState(row, state) ? found.digest(row) : undefined;
    const earlier = digestsBefore();
    const before = earlier.size === 0 ? undefined : earlier.get(name);
    return before && isSame(before, state) ? digestAt(before.section, before.index) : undefined;
  }

  /** One call of the system for each path: what a build in which nothing changed takes its time for. */
  function* isUnchanged(section: Section): Steps<boolean> {
    const { names } = section;
    // Who edits files edits the same ones again.
    const newest = newestOf(section);
    if (newest >= 0 && !isRowUnchanged(section, newest)) return false;
    for (let index = 0; index < names.length; index++) {
      if (index % stride === stride - 1) yield;
      if (!isRowUnchanged(section, index)) return false;
    }
    return true;
  }

  function isRowUnchanged(section: Section, index: number): boolean {
    const { states } = section;
    const kind = section.counts[index];
    const state = readState(encodePath(directory + section.names[index]!));
    if ((state !== undefined) !== (kind !== counts.absent)) return false;
    const at = index * stateLength;
    if (kind === counts.type && state![0] !== states[at]) return false;
    if (kind !== counts.all && kind !== counts.content) return true;
    for (let number = 0; number < stateLength; number++)
      if (state![number] !== states[at + number]) return false;
    return kind !== counts.content || hasContent(section, index, Array.from(state!));
  }

  /** Looks into what its times could not tell of; once they can, they are believed from then on. */
  function hasContent(section: Section, index: number, state: FileState): boolean {
    const isRipe = !isRacy(state, now());
    const path = directory + section.names[index]!;
    if (contentNow(path, state[0]!, options.read) !== digestAt(section, index)) return false;
    if (isRipe) {
      if (!isFileMode(state[0]!)) clearDigest(section.digests, index);
      section.counts[index] = counts.all;
      changed = true;
    }
    return true;
  }

  function look(path: string, names: readonly string[] | undefined, seen: FileState | undefined): void {
    if (!looks) return;
    const before = looks.row(path);
    if (before >= 0 && (!names || looks.count(before) >= counts.all)) return;
    let state = seen;
    if (path !== '/' && !looks.has(parentPath(path))) {
      // Copied before anything else is read.
      state = seen && copyOf(seen);
      lookAbove(parentPath(path));
    }
    if (state === undefined) {
      looks.set(path, counts.absent, undefined);
      return;
    }
    const mode = state[0]!;
    const count = isDirectoryMode(mode) && !names ? counts.type : counts.all;
    if (count === counts.all && isRacy(state, now())) lookAtFresh(path, names, state);
    else looks.set(path, count, state);
  }

  /** Its content counts, too: that of a file is yet to be read. */
  function lookAtFresh(path: string, names: readonly string[] | undefined, state: FileState): void {
    const mode = state[0]!;
    const isDirectory = isDirectoryMode(mode);
    if (!isDirectory && !isFileMode(mode) && !isLinkMode(mode)) {
      isTrusted = false;
      return;
    }
    const row = looks!.set(path, counts.content, state);
    if (isDirectory) looks!.setDigest(row, namesDigest(names!));
    else if (isLinkMode(mode)) looks!.setDigest(row, linkDigest(directory + path));
  }

  /** A path leads where it does as long as the directories above it are such. */
  function lookAbove(path: string): void {
    look(path, undefined, readState(encodePath(directory + path)));
  }

  /** Keeps what was read of a file with what was looked at; false where that is not part of a question. */
  function keep(name: string, state: FileState, digest: Digest): boolean {
    const row = looks ? looks.row(name) : -1;
    if (!looks || row < 0) return false;
    const isFresh = looks.count(row) === counts.content;
    const earlier = isFresh ? looks.digest(row) : undefined;
    if (!looks.isState(row, state) || (earlier && earlier !== digest)) {
      // Two states of one file in one question: what it was read as is not what it was looked at as.
      if (isFresh) isTrusted = false;
      return false;
    }
    if (isFresh || looks.count(row) === counts.all) looks.setDigest(row, digest);
    return looks.count(row) === counts.all;
  }

  /** What was read for a question whose answer is not kept. */
  function keepDigests(table: LookTable): void {
    const { names, counts: kinds, states, digests } = table.section('', '');
    for (const [index, name] of names.entries()) {
      const digest = kinds[index] === counts.all ? digestAt({ digests }, index) : undefined;
      const start = index * stateLength;
      if (digest) remember(name, states.subarray(start, start + stateLength), digest);
    }
  }

  function remember(name: string, state: FileState, digest: Digest): void {
    found.setDigest(found.set(name, counts.all, state), digest);
    changed = true;
  }

  const nameOf = (path: string | Buffer): string =>
    (typeof path === 'string' ? path : decodeName(path)).slice(directory.length);

  function recallAndKeep(name: string, state: FileState): Digest | undefined {
    const before = recall(name, state);
    if (before !== undefined) keep(name, state, before);
    return before;
  }

  /** @param time before it was read */
  function keepRead(name: string, time: number, own: FileState, digest: Digest): Digest {
    if (keep(name, own, digest)) changed = true;
    else if (!isRacy(own, time)) remember(name, own, digest);
    return digest;
  }

  /** What the steps look at is noted in `table`; what others look at in between is not. */
  function* lookInto<T>(
    table: LookTable,
    steps: Steps<T>,
  ): Generator<void, { value: T; trusted: boolean }, void> {
    let trusted = true;
    for (;;) {
      let next: IteratorResult<void, T>;
      looks = table;
      isTrusted = trusted;
      try {
        next = steps.next();
        trusted = isTrusted;
      } finally {
        looks = undefined;
      }
      if (next.done) return { value: next.value, trusted };
      yield;
    }
  }

  /** Keeps what `table` has seen, then and before, with the answer. */
  function* answered(name: Digest, table: LookTable, ask: Steps<Digest>, wasTrusted = true): Steps<Digest> {
    let fresh: Section | undefined;
    try {
      const { value: answer, trusted } = yield* lookInto(table, ask);
      sections = all().filter((one) => one.question !== name);
      if (wasTrusted && trusted && ![...table.paths()].some((path) => path.includes('\0'))) {
        fresh = table.section(name, answer);
        sections.unshift(fresh);
        added.push(fresh);
        changed = true;
      }
      return answer;
    } finally {
      if (!fresh) keepDigests(table);
    }
  }

  return {
    digest(path, state, read) {
      const name = nameOf(path);
      const before = recallAndKeep(name, state);
      if (before !== undefined) return before;
      const time = now();
      const own = copyOf(state);
      return keepRead(name, time, own, read());
    },
    *digestInSteps(path, state, read) {
      const name = nameOf(path);
      const before = recallAndKeep(name, state);
      if (before !== undefined) return before;
      const time = now();
      const own = copyOf(state);
      return keepRead(name, time, own, yield* read());
    },
    look,
    *remembered(question, ask) {
      const name = digestOf(question);
      const section = all().find((one) => one.question === name);
      if (section && (yield* isUnchanged(section))) return section.answer as Digest;
      return yield* answered(name, createLookTable(), ask());
    },
    open(question) {
      all();
      if (!wasEmpty) return undefined;
      const table = createLookTable();
      let isGood = true;
      return {
        *look(work) {
          const { value, trusted } = yield* lookInto(table, work);
          isGood &&= trusted;
          return value;
        },
        *answer(digests, ask) {
          for (const [path, digest] of digests) {
            const row = table.row(path);
            if (row >= 0 && table.count(row) >= counts.all) table.setDigest(row, digest);
          }
          return yield* answered(digestOf(question), table, ask(), isGood);
        },
      };
    },
    async save() {
      if (!changed) return;
      changed = false;
      const kept = all().filter(({ question }) => question !== '');
      // What was added to the sections since is in them.
      const rest = withoutQuestion(kept, found, known ?? digestsBefore());
      if (rest.names.length > 0) kept.push(rest);
      let entries = 0;
      const fitting = kept.filter(({ names }, index) => {
        entries += names.length;
        return index < mostSections && (index === 0 || entries <= mostEntries);
      });
      try {
        await writeFileAtomic(options.file, encodeStatFile(fitting), { tmp: options.tmp, fsync: false });
      } catch (error) {
        throw diskError(error, 'remembering what was read of the build context');
      }
    },
  };
}
