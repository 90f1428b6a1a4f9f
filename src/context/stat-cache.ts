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
import { parentPath } from '../tree/path.ts';
import { contentNow, isRacy, linkDigest, namesDigest } from './fresh-file.ts';
import {
  clearDigest,
  counts,
  decodeStatFile,
  digestAt,
  encodeStatFile,
  newDigests,
  type Section,
  writeDigest,
} from './stat-file.ts';

export interface StatCache {
  /** The remembered digest of a file, or what `read` finds now. `path` is the host's. */
  digest(path: string | Buffer, state: FileState, read: () => Digest): Digest;
  /**
   * What `ask` answers, or answered before where nothing that it looked at has changed since. It asks the files alone, through the
   * functions of this cache, and gives equal answers for equal files.
   */
  remembered(question: string, ask: () => Digest): Digest;
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

function isSame(a: FileState, b: FileState): boolean {
  for (let at = 0; at < stateLength; at++) if (a[at] !== b[at]) return false;
  return true;
}

interface Known {
  state: FileState;
  digest: Digest;
}

interface Look {
  count: number;
  state: FileState;
  /** Of its content as it was when it was too fresh to tell by its times; '' of a file until it is read. */
  content?: Digest | '';
}

const nothing: FileState = new Array(stateLength).fill(0);

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
  /** Of the sections, by name; made when a file is asked for. */
  let known: Map<string, Known> | undefined;
  const found = new Map<string, Known>();
  /** While a question is asked: what it looks at, and whether all of it can be trusted. */
  let looks: Map<string, Look> | undefined;
  let isTrusted = true;
  let changed = false;

  const all = (): Section[] => {
    sections ??= load(options.file);
    return sections;
  };

  function digestsBefore(): Map<string, Known> {
    if (known) return known;
    known = new Map();
    for (const section of all().toReversed()) {
      for (const [index, name] of section.names.entries()) {
        const digest = section.counts[index] === counts.content ? undefined : digestAt(section, index);
        const at = index * stateLength;
        if (digest) known.set(name, { state: section.states.subarray(at, at + stateLength), digest });
      }
    }
    return known;
  }

  /** One call of the system for each path: what a build in which nothing changed takes its time for. */
  function isUnchanged(section: Section): boolean {
    const { names, counts: kinds, states } = section;
    for (let index = 0; index < names.length; index++) {
      const kind = kinds[index];
      const state = readState(encodePath(directory + names[index]!));
      if ((state !== undefined) !== (kind !== counts.absent)) return false;
      const at = index * stateLength;
      if (kind === counts.type && state![0] !== states[at]) return false;
      if (kind !== counts.all && kind !== counts.content) continue;
      for (let number = 0; number < stateLength; number++)
        if (state![number] !== states[at + number]) return false;
      if (kind === counts.content && !hasContent(section, index, Array.from(state!))) return false;
    }
    return true;
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
    const before = looks.get(path);
    if (before && (!names || before.count >= counts.all)) return;
    // Copied before anything else is read.
    const state = seen ? [seen[0]!, seen[1]!, seen[2]!, seen[3]!, seen[4]!, seen[5]!, seen[6]!] : nothing;
    if (path !== '/') lookAbove(parentPath(path));
    const isDirectory = seen !== undefined && isDirectoryMode(state[0]!);
    const count = seen === undefined ? counts.absent : isDirectory && !names ? counts.type : counts.all;
    if (count !== counts.all || !isRacy(state, now())) looks.set(path, { count, state });
    else if (isDirectory) looks.set(path, { count: counts.content, state, content: namesDigest(names!) });
    else if (isFileMode(state[0]!)) looks.set(path, { count: counts.content, state, content: '' });
    else if (isLinkMode(state[0]!))
      looks.set(path, { count: counts.content, state, content: linkDigest(directory + path) });
    else isTrusted = false;
  }

  /** A path leads where it does as long as the directories above it are such. */
  function lookAbove(path: string): void {
    if (!looks!.has(path)) look(path, undefined, readState(encodePath(directory + path)));
  }

  function sectionOf(question: Digest | '', answer: Digest | '', of: ReadonlyMap<string, Look>): Section {
    const names = [...of.keys()];
    const digests = newDigests(names.length);
    const states = new Float64Array(names.length * stateLength);
    const kinds = new Uint8Array(names.length);
    let index = 0;
    for (const [name, { count, state, content }] of of) {
      for (let number = 0; number < stateLength; number++)
        states[index * stateLength + number] = state[number]!;
      // What was not read counts by its state alone.
      kinds[index] = content === '' ? counts.all : count;
      const file = content === undefined ? (found.get(name) ?? known?.get(name)) : undefined;
      const digest = content || (file && isSame(file.state, state) ? file.digest : undefined);
      if (digest) writeDigest(digests, index, digest);
      index++;
    }
    return { question, answer, names, counts: kinds, states, digests };
  }

  return {
    digest(path, state, read) {
      const whole = typeof path === 'string' ? path : decodeName(path);
      const name = whole.slice(directory.length);
      const before = found.get(name) ?? digestsBefore().get(name);
      if (before && isSame(before.state, state)) {
        found.set(name, before);
        return before.digest;
      }
      const time = now();
      const own = Array.from(state).slice(0, stateLength);
      const digest = read();
      const fresh = looks?.get(name);
      if (fresh?.content !== undefined) {
        // Two states of one file in one question: what it was read as is not what it was looked at as.
        if (!isSame(fresh.state, own) || (fresh.content !== '' && fresh.content !== digest))
          isTrusted = false;
        fresh.content = digest;
      }
      if (!isRacy(own, time)) {
        found.set(name, { state: own, digest });
        changed = true;
      }
      return digest;
    },
    look,
    remembered(question, ask) {
      const name = digestOf(question);
      const section = all().find((one) => one.question === name);
      if (section && isUnchanged(section)) return section.answer as Digest;
      looks = new Map();
      isTrusted = true;
      try {
        const answer = ask();
        sections = all().filter((one) => one.question !== name);
        if (isTrusted && ![...looks.keys()].some((path) => path.includes('\0'))) {
          sections.unshift(sectionOf(name, answer, looks));
          changed = true;
        }
        return answer;
      } finally {
        looks = undefined;
      }
    },
    async save() {
      if (!changed) return;
      changed = false;
      const kept = all().filter(({ question }) => question !== '');
      const rest = new Map<string, Look>();
      const inSections = new Set(kept.flatMap(({ names }) => names));
      for (const [name, { state }] of [...found, ...digestsBefore()])
        if (!inSections.has(name) && !rest.has(name)) rest.set(name, { count: counts.all, state });
      if (rest.size > 0) kept.push(sectionOf('', '', rest));
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
