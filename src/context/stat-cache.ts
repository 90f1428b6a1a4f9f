// Digests of a local context's files, remembered by what lstat says of them: an unchanged file is not read again.
import { type BigIntStats, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { decodeName } from '../fs/path-bytes.ts';
import { type Digest, digestOf } from '../oci/digest.ts';

export interface StatCache {
  /** The remembered digest of a file, or what `read` finds now. `path` is the host's. */
  digest(path: string | Buffer, stat: BigIntStats, read: () => Digest): Digest;
  /** Writes what is new; nothing where nothing is. */
  save(): Promise<void>;
}

export interface StatCacheOptions {
  file: string;
  /** Holds the files: their names are kept without it. */
  directory: string;
  tmp: string;
  /** Milliseconds since 1970. */
  now(): number;
}

const version = 'slipway stat cache 1';
const separator = '\0';
/** Entries that this build did not look at are kept up to this many: another target may need them. */
const mostUnseen = 50_000;

/** A clock that ticks in whole seconds, or two, gives two writes one time for longer. */
const fineTick = 50_000_000n;
const coarseTick = 2_500_000_000n;
const second = 1_000_000_000n;

/** Whether a later write could leave the same times: then nothing is concluded from them. */
function isRacy(stat: BigIntStats, now: number): boolean {
  const { mtimeNs, ctimeNs } = stat;
  const tick = ctimeNs % second === 0n ? coarseTick : fineTick;
  const trusted = BigInt(Math.floor(now)) * 1_000_000n - tick;
  return mtimeNs > trusted || ctimeNs > trusted;
}

function stateOf(stat: BigIntStats): string {
  return `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino} ${stat.mode}`;
}

interface Remembered {
  state: string;
  digest: Digest;
}

/** One text: a header with the digest of the rest, then path, state and digest of each file. */
function load(file: string): Map<string, Remembered> {
  const entries = new Map<string, Remembered>();
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return entries;
  }
  const end = bytes.indexOf('\n');
  const body = bytes.subarray(end + 1);
  if (bytes.toString('utf8', 0, end) !== `${version} ${digestOf(body)}`) return entries;
  const words = body.toString('utf8').split(separator);
  for (let at = 0; at + 2 < words.length; at += 3) {
    entries.set(words[at]!, { state: words[at + 1]!, digest: words[at + 2]! as Digest });
  }
  return entries;
}

/** A file that is missing, torn or of another version is an empty cache. */
export function createStatCache(options: StatCacheOptions): StatCache {
  let loaded: Map<string, Remembered> | undefined;
  const seen = new Map<string, Remembered>();
  let changed = false;

  return {
    digest(path, stat, read) {
      const whole = typeof path === 'string' ? path : decodeName(path);
      const name = whole.slice(options.directory.length);
      loaded ??= load(options.file);
      const state = stateOf(stat);
      const known = seen.get(name) ?? loaded.get(name);
      if (known?.state === state) {
        seen.set(name, known);
        return known.digest;
      }
      const now = options.now();
      const digest = read();
      if (!isRacy(stat, now)) {
        seen.set(name, { state, digest });
        changed = true;
      }
      return digest;
    },
    async save() {
      if (!changed) return;
      changed = false;
      const kept = [...seen];
      let unseen = 0;
      for (const entry of loaded ?? []) {
        if (unseen >= mostUnseen) break;
        if (seen.has(entry[0])) continue;
        unseen++;
        kept.push(entry);
      }
      const body = kept
        .map(([name, { state, digest }]) => name + separator + state + separator + digest + separator)
        .join('');
      try {
        await writeFileAtomic(options.file, `${version} ${digestOf(body)}\n${body}`, {
          tmp: options.tmp,
          fsync: false,
        });
      } catch (error) {
        throw diskError(error, 'remembering what was read of the build context');
      }
    },
  };
}
