// Packs a layer's entries into its tar, deterministically, with synchronous reads into 1 MiB chunks (a promise per file costs
// more than the file). The digest of the tar without its times comes from the same pass.

import type { Hash } from 'node:crypto';
import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import { invariant, SlipwayError } from '../errors.ts';
import { encodePath } from '../fs/path-bytes.ts';
import { type Digest, digestOf, finishDigest, newHash } from '../oci/digest.ts';
import type { LayerEntry } from '../seams.ts';
import { layerHeader } from './layer-header.ts';
import {
  blockSize,
  encodePax,
  fitsUstar,
  type HeaderFields,
  sealHeader,
  timeFits,
  writeTimelessHeader,
} from './tar-header.ts';

export interface PackOptions {
  signal?: AbortSignal | undefined;
  /** Seconds since 1970: later times become this one (SOURCE_DATE_EPOCH). */
  epoch?: number | undefined;
  /** A folder (a real path, on Linux) that every file must be found in when it is opened: others may be changing it. */
  within?: string | undefined;
  /** Told of each entry with a `source` what its content is. */
  onContent?: OnContent | undefined;
  /** Told of each entry what its header says and where that ends in the tar; undefined where a PAX header says a part of it. */
  onHeader?: ((fields: HeaderFields, end: number | undefined) => void) | undefined;
  /** Whether a time (seconds since 1970) was set on purpose: that of a file or link is then part of the identity. */
  isSetTime?: ((mtime: number) => boolean) | undefined;
}

/** @param source the entry's */
export type OnContent = (source: string, digest: Digest) => void;

type FileEntry = LayerEntry & { kind: 'entry' };
type Entries = Iterable<LayerEntry> | AsyncIterable<LayerEntry>;

const chunkSize = 1 << 20;

/**
 * The layer's uncompressed tar (OCI layer.md) in fresh buffers of at most 1 MiB. The event loop turns between them. Sockets are left out.
 * @throws ERR_CONTEXT where a file can't be read or changes its size meanwhile; ERR_UNSUPPORTED for a name that means a whiteout.
 */
export async function* packLayer(entries: Entries, options: PackOptions = {}): AsyncGenerator<Buffer, void> {
  yield* chunksOf(entries, options);
}

/**
 * As packLayer, but a chunk holds only until the next is asked for. `content()`: the digest of the same tar with no times in it
 * but those that were set, which is the identity of the changes; known once the chunks have been read to their end, as is `read()`: bytes of content that
 * came from files.
 */
export function packLayerWithIdentity(
  entries: Entries,
  options: PackOptions = {},
): { chunks: AsyncIterable<Buffer>; content(): Digest; read(): number } {
  let content: Digest | undefined;
  const tally = { read: 0 };
  async function* chunks(): AsyncGenerator<Buffer, void> {
    const timeless = newHash();
    const times: string[] = [];
    yield* chunksOf(entries, { ...options, timeless, times, tally });
    content = finishDigest(timeless);
    if (times.length > 0) content = digestOf(`${content}\n${times.join('\n')}`);
  }
  return {
    chunks: chunks(),
    content() {
      invariant(content, 'the layer has not been read to its end');
      return content;
    },
    read: () => tally.read,
  };
}

async function* chunksOf(entries: Entries, options: PackOptions & Identity): AsyncGenerator<Buffer, void> {
  const packer = createPacker(options);
  if (Symbol.asyncIterator in entries) {
    for await (const entry of entries) {
      if (!packer.addWhole(entry)) for (const chunk of packer.add(entry)) yield* turn(chunk, options.signal);
    }
  } else {
    for (const entry of entries) {
      if (!packer.addWhole(entry)) for (const chunk of packer.add(entry)) yield* turn(chunk, options.signal);
    }
  }
  for (const chunk of packer.end()) yield* turn(chunk, options.signal);
}

async function* turn(chunk: Buffer, signal: AbortSignal | undefined): AsyncGenerator<Buffer, void> {
  signal?.throwIfAborted();
  yield chunk;
  await new Promise(setImmediate);
}

interface Identity {
  /** Is fed with the tar without its times; a chunk may then lie where the one before lay. */
  timeless?: Hash | undefined;
  /** Gets a text for each time that was set. */
  times?: string[] | undefined;
  /** `read` grows by the size of each file whose content was read. */
  tally?: { read: number } | undefined;
}

/** A header without its time and checksum: what writes these. */
interface Unsealed {
  at: number;
  mtime: number;
  sum: number;
}

function createPacker({
  epoch,
  within,
  onContent,
  onHeader,
  isSetTime,
  timeless,
  times,
  tally,
}: PackOptions & Identity): {
  /** Adds an entry that there is room for, as most are; false, and nothing is done, where it takes more. */
  addWhole(entry: LayerEntry): boolean;
  add(entry: LayerEntry): Iterable<Buffer>;
  end(): Iterable<Buffer>;
} {
  /** From `used` on it is 0. */
  let out = Buffer.from(new ArrayBuffer(chunkSize));
  let used = 0;
  /** Bytes of the tar before `out`. */
  let before = 0;
  let unsealed: Unsealed[] = [];

  function* flush(): Generator<Buffer, void> {
    if (used === 0) return;
    const chunk = out.subarray(0, used);
    timeless?.update(chunk);
    for (const { at, mtime, sum } of unsealed) sealHeader(out, at, mtime, sum);
    yield chunk;
    before += used;
    if (timeless) out.fill(0);
    else out = Buffer.from(new ArrayBuffer(chunkSize));
    used = 0;
    unsealed = [];
  }

  function header(fields: HeaderFields, isWhole = true): void {
    const sum = writeTimelessHeader(out, used, fields);
    unsealed.push({ at: used, mtime: fields.mtime, sum });
    // A folder's time changes with what is put into it.
    if (times && fields.type !== '5' && isSetTime?.(fields.mtime))
      times.push(`${fields.mtime} ${fields.path}`);
    used += blockSize;
    onHeader?.(fields, isWhole ? before + used : undefined);
  }

  function* longHeader(fields: HeaderFields): Generator<Buffer, void> {
    const pax = encodePax(fields);
    if (pax && !timeFits(fields.mtime)) {
      // The record of the time must not show in the digest without times, nor must a PAX header that is there for it alone.
      yield* flush();
      timeless?.update(encodePax({ ...fields, mtime: 0 }) ?? '');
      yield pax;
      before += pax.length;
    } else if (pax) {
      yield* bytes(pax);
    }
    if (used === chunkSize) yield* flush();
    header(fields, pax === undefined);
  }

  function* bytes(data: Uint8Array): Generator<Buffer, void> {
    for (let at = 0; at < data.length; ) {
      if (used === chunkSize) yield* flush();
      const length = Math.min(data.length - at, chunkSize - used);
      out.set(data.subarray(at, at + length), used);
      used += length;
      at += length;
    }
  }

  /** Asks for a byte more than there should be: one read then tells both the content and that it did not grow. */
  function* file(path: string, { path: name, source }: FileEntry, size: number): Generator<Buffer, void> {
    const hash = onContent && source !== undefined ? newHash() : undefined;
    const fd = openFile(path, name, within);
    try {
      for (let left = size; left > 0; ) {
        if (used === chunkSize) yield* flush();
        const room = Math.min(chunkSize - used, left + 1);
        const count = readInto(fd, out, used, room, name);
        if (count === 0 || count > left) throw changed(name, size);
        hash?.update(out.subarray(used, used + count));
        left -= count;
        used += count;
        if (left === 0 && count === room && readInto(fd, Buffer.allocUnsafe(1), 0, 1, name) > 0) {
          throw changed(name, size);
        }
      }
    } finally {
      closeSync(fd);
    }
    if (tally) tally.read += size;
    if (hash) onContent!(source!, finishDigest(hash));
  }

  /** The same of a file that there is room for. */
  function wholeFile(path: string, { path: name, source }: FileEntry, size: number): void {
    const fd = openFile(path, name, within);
    try {
      let count = readInto(fd, out, used, size + 1, name);
      while (count < size) {
        const more = readInto(fd, out, used + count, size + 1 - count, name);
        if (more === 0) break;
        count += more;
      }
      if (count !== size) throw changed(name, size);
    } finally {
      closeSync(fd);
    }
    if (source !== undefined) onContent?.(source, digestOf(out.subarray(used, used + size)));
    used += size;
    if (tally) tally.read += size;
  }

  return {
    addWhole(entry) {
      // With a byte to spare, for wholeFile.
      const room = chunkSize - used - blockSize - 1;
      if (room < 0 || (entry.kind === 'entry' && entry.stat.size > room)) return false;
      const fields = layerHeader(entry, epoch);
      if (!fields) return true;
      if (!fitsUstar(fields)) return false;
      const { size } = fields;
      header(fields);
      if (size === 0 || entry.kind !== 'entry') return true;
      if (typeof entry.content === 'string') wholeFile(entry.content, entry, size);
      else {
        out.set(contentBytes(entry, size), used);
        used += size;
      }
      used += padding(size);
      return true;
    },
    *add(entry) {
      const fields = layerHeader(entry, epoch);
      if (!fields) return;
      if (used === chunkSize) yield* flush();
      yield* longHeader(fields);
      if (fields.size === 0 || entry.kind !== 'entry') return;
      if (typeof entry.content === 'string') yield* file(entry.content, entry, fields.size);
      else yield* bytes(contentBytes(entry, fields.size));
      used += padding(fields.size);
    },
    *end() {
      yield* bytes(Buffer.alloc(2 * blockSize));
      yield* flush();
    },
  };
}

const padding = (size: number): number => (blockSize - (size % blockSize)) % blockSize;

function contentBytes(entry: FileEntry, size: number): Uint8Array {
  const { content } = entry;
  if (typeof content === 'string' || content?.length !== size) {
    throw new Error(
      `internal error: the content of ${entry.path} is not the ${size} bytes that it should be`,
    );
  }
  return content;
}

function openFile(path: string, name: string, within: string | undefined): number {
  let fd: number;
  try {
    fd = openSync(encodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(name, cause);
  }
  if (within === undefined || readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${within}/`)) return fd;
  closeSync(fd);
  throw new SlipwayError('ERR_CONTEXT', `${JSON.stringify(name)} was replaced while it was read`, {
    hint: 'build again when nothing writes to it',
  });
}

function readInto(fd: number, out: Buffer, at: number, length: number, name: string): number {
  try {
    return readSync(fd, out, at, length, null);
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function unreadable(name: string, cause: unknown): SlipwayError {
  return new SlipwayError('ERR_CONTEXT', `can't read ${JSON.stringify(name)}`, {
    hint: 'check its permissions, and those of the folders above; of a build context, .dockerignore can leave it out',
    cause,
  });
}

function changed(name: string, size: number): SlipwayError {
  return new SlipwayError('ERR_CONTEXT', `${JSON.stringify(name)} changed while it was read`, {
    hint: `it had ${size} bytes at first; build again when nothing writes to it`,
  });
}
