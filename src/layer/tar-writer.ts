// Packs a layer's entries into its tar, deterministically, with synchronous reads into 1 MiB chunks (a promise per file costs
// more than the file). The digest of the tar without its times comes from the same pass.
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { invariant, SlipwayError } from '../errors.ts';
import { encodePath } from '../fs/path-bytes.ts';
import { type Digest, finishDigest, newHash } from '../oci/digest.ts';
import type { LayerEntry } from '../seams.ts';
import { layerHeader } from './layer-header.ts';
import { blockSize, encodePax, type HeaderFields, timeFits, writeHeader } from './tar-header.ts';

export interface PackOptions {
  signal?: AbortSignal | undefined;
  /** Seconds since 1970: later times become this one (SOURCE_DATE_EPOCH). */
  epoch?: number | undefined;
}

type Entries = Iterable<LayerEntry> | AsyncIterable<LayerEntry>;

/** A piece of the tar, and what the digest without times is made of. */
interface Part {
  chunk: Buffer;
  /** Where in the chunk headers start. */
  headers: number[];
  /** What stands for the chunk in the digest without times, where it is not the chunk itself. */
  timeless?: Buffer;
}

const chunkSize = 1 << 20;

/**
 * The layer's uncompressed tar (OCI layer.md) in fresh buffers of at most 1 MiB. The event loop turns between them. Sockets are left out.
 * @throws ERR_CONTEXT where a file can't be read or changes its size meanwhile; ERR_UNSUPPORTED for a name that means a whiteout.
 */
export async function* packLayer(entries: Entries, options: PackOptions = {}): AsyncGenerator<Buffer, void> {
  for await (const part of parts(entries, options)) yield part.chunk;
}

/**
 * As packLayer, but a chunk holds only until the next is asked for. `content()`: the digest of the same tar with no times in it,
 * which is the identity of the changes; known once the chunks have been read to their end.
 */
export function packLayerWithIdentity(
  entries: Entries,
  options: PackOptions = {},
): { chunks: AsyncIterable<Buffer>; content(): Digest } {
  let content: Digest | undefined;
  async function* chunks(): AsyncGenerator<Buffer, void> {
    const timeless = newHash();
    for await (const part of parts(entries, { ...options, reuse: true })) {
      updateTimeless(timeless, part);
      yield part.chunk;
    }
    content = finishDigest(timeless);
  }
  return {
    chunks: chunks(),
    content() {
      invariant(content, 'the layer has not been read to its end');
      return content;
    },
  };
}

/** Hashes the chunk with times and checksums (bytes 136 to 155 of a header) blanked, and puts them back. */
function updateTimeless(hash: ReturnType<typeof newHash>, part: Part): void {
  if (part.timeless) {
    hash.update(part.timeless);
    return;
  }
  const saved = Buffer.allocUnsafe(part.headers.length * 20);
  part.headers.forEach((at, index) => {
    part.chunk.copy(saved, index * 20, at + 136, at + 156);
    part.chunk.fill(0, at + 136, at + 156);
  });
  hash.update(part.chunk);
  part.headers.forEach((at, index) => {
    saved.copy(part.chunk, at + 136, index * 20, index * 20 + 20);
  });
}

async function* parts(entries: Entries, options: PackOptions & Buffers): AsyncGenerator<Part, void> {
  const packer = createPacker(options);
  if (Symbol.asyncIterator in entries) {
    for await (const entry of entries) {
      for (const part of packer.add(entry)) yield* turn(part, options.signal);
    }
  } else {
    for (const entry of entries) {
      for (const part of packer.add(entry)) yield* turn(part, options.signal);
    }
  }
  for (const part of packer.end()) yield* turn(part, options.signal);
}

async function* turn(part: Part, signal: AbortSignal | undefined): AsyncGenerator<Part, void> {
  signal?.throwIfAborted();
  yield part;
  await new Promise(setImmediate);
}

interface Buffers {
  /** Whether a chunk may lie where the one before lay. */
  reuse?: boolean;
}

function createPacker({ epoch, reuse }: PackOptions & Buffers): {
  add(entry: LayerEntry): Iterable<Part>;
  end(): Iterable<Part>;
} {
  let out = Buffer.allocUnsafeSlow(chunkSize);
  let used = 0;
  let headers: number[] = [];

  function* flush(): Generator<Part, void> {
    if (used === 0) return;
    yield { chunk: out.subarray(0, used), headers };
    if (!reuse) out = Buffer.allocUnsafeSlow(chunkSize);
    used = 0;
    headers = [];
  }

  function* header(fields: HeaderFields): Generator<Part, void> {
    const pax = encodePax(fields);
    if (pax && !timeFits(fields.mtime)) {
      // The record of the time must not show in the digest without times, nor must a PAX header that is there for it alone.
      yield* flush();
      yield { chunk: pax, headers: [], timeless: encodePax({ ...fields, mtime: 0 }) ?? Buffer.alloc(0) };
    } else if (pax) {
      yield* bytes(pax);
    }
    if (used === chunkSize) yield* flush();
    writeHeader(out, used, fields);
    headers.push(used);
    used += blockSize;
  }

  function* bytes(data: Uint8Array): Generator<Part, void> {
    for (let at = 0; at < data.length; ) {
      if (used === chunkSize) yield* flush();
      const length = Math.min(data.length - at, chunkSize - used);
      out.set(data.subarray(at, at + length), used);
      used += length;
      at += length;
    }
  }

  function pad(size: number): void {
    const rest = (blockSize - (size % blockSize)) % blockSize;
    out.fill(0, used, used + rest);
    used += rest;
  }

  /** Asks for a byte more than there should be: one read then tells both the content and that it did not grow. */
  function* file(path: string, name: string, size: number): Generator<Part, void> {
    const fd = openFile(path, name);
    try {
      for (let left = size; left > 0; ) {
        if (used === chunkSize) yield* flush();
        const room = Math.min(chunkSize - used, left + 1);
        const count = readInto(fd, out, used, room, name);
        if (count === 0 || count > left) throw changed(name, size);
        left -= count;
        used += count;
        if (left === 0 && count === room && readInto(fd, Buffer.allocUnsafe(1), 0, 1, name) > 0) {
          throw changed(name, size);
        }
      }
    } finally {
      closeSync(fd);
    }
  }

  return {
    *add(entry) {
      const fields = layerHeader(entry, epoch);
      if (!fields) return;
      if (used === chunkSize) yield* flush();
      yield* header(fields);
      if (fields.size === 0 || entry.kind !== 'entry') return;
      if (typeof entry.content === 'string') yield* file(entry.content, entry.path, fields.size);
      else yield* bytes(contentBytes(entry, fields.size));
      pad(fields.size);
    },
    *end() {
      yield* bytes(Buffer.alloc(2 * blockSize));
      yield* flush();
    },
  };
}

function contentBytes(entry: LayerEntry & { kind: 'entry' }, size: number): Uint8Array {
  const { content } = entry;
  if (typeof content === 'string' || content?.length !== size) {
    throw new Error(
      `internal error: the content of ${entry.path} is not the ${size} bytes that it should be`,
    );
  }
  return content;
}

function openFile(path: string, name: string): number {
  try {
    return openSync(encodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function readInto(fd: number, out: Buffer, at: number, length: number, name: string): number {
  try {
    return readSync(fd, out, at, length, null);
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function unreadable(name: string, cause: unknown): SlipwayError {
  return new SlipwayError('ERR_CONTEXT', `can't read ${JSON.stringify(name)}`, { cause });
}

function changed(name: string, size: number): SlipwayError {
  return new SlipwayError('ERR_CONTEXT', `${JSON.stringify(name)} changed while it was read`, {
    hint: `it had ${size} bytes at first; build again when nothing writes to it`,
  });
}
