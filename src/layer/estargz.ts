// eStargz layers: a gzipped tar in which each file can be fetched and checked by itself (stargz-snapshotter, docs/estargz.md).
import { availableParallelism } from 'node:os';
import { type DiffID, digestOf, finishDigest, newHash } from '../oci/digest.ts';
import { anonymousGzip } from './compress.ts';
import { contentPadding, copiedEntry, entryHeader, type LayerItem, sameEntry } from './copy-header.ts';
import {
  estargzFooter,
  landmarkContent,
  landmarkName,
  reservedNames,
  type TocEntry,
  tocEntry,
  tocName,
} from './estargz-toc.ts';
import { blockSize } from './tar-header.ts';
import { readTar, type TarEntry } from './tar-reader.ts';

export interface EstargzResult {
  /** Of the tar within, which has more entries than the source. */
  diffID: DiffID;
  /** Bytes of that tar. */
  size: number;
  /** What a descriptor of the blob must say. */
  annotations: Record<string, string>;
}

export interface EstargzOptions {
  /** 0 to 9, 6 unless given. */
  level?: number | undefined;
  signal: AbortSignal;
}

/** Bytes of content in one gzip member, at most. */
const chunkSize = 4 << 20;

/** What becomes a gzip member. */
interface Segment {
  content: Buffer;
  /** The piece of a file that it begins with. */
  chunk: TocEntry | undefined;
}

/**
 * The layer as eStargz; `result()` holds once the chunks have been read to their end. The bytes depend on the source and the level
 * alone. At most five members are in memory, and a table of all names.
 * @throws ERR_BAD_ARCHIVE
 */
export function estargz(
  source: AsyncIterable<Uint8Array>,
  { level = 6, signal }: EstargzOptions,
): { chunks: AsyncIterable<Buffer>; result(): EstargzResult } {
  let result: EstargzResult | undefined;
  async function* chunks(): AsyncGenerator<Buffer, void> {
    const entries: TocEntry[] = [];
    const hash = newHash();
    let size = 0;
    let position = 0;
    const compress = (content: Buffer): Promise<Buffer> => {
      hash.update(content);
      size += content.length;
      return anonymousGzip(content, level);
    };
    const width = Math.min(availableParallelism(), 4) + 1;
    const running: { chunk: TocEntry | undefined; member: Promise<Buffer> }[] = [];
    const next = async (): Promise<Buffer> => {
      const { chunk, member } = running.shift()!;
      const bytes = await member;
      if (chunk) chunk.offset = position;
      position += bytes.length;
      return bytes;
    };
    try {
      for await (const { content, chunk } of segments(readTar(source, { signal }), entries)) {
        const member = compress(content);
        // Awaited below, in order; until then a failure must not count as unhandled.
        member.catch(() => {});
        running.push({ chunk, member });
        if (running.length >= width) yield await next();
      }
      while (running.length > 0) yield await next();
    } finally {
      await Promise.allSettled(running.map(({ member }) => member));
    }
    const toc = Buffer.from(JSON.stringify({ version: 1, entries }));
    yield await compress(Buffer.concat([...fileOf(tocName, toc), Buffer.alloc(2 * blockSize)]));
    yield estargzFooter(position);
    result = {
      diffID: finishDigest(hash) as string as DiffID,
      size,
      annotations: {
        'containerd.io/snapshot/stargz/toc.digest': digestOf(toc),
        'io.containers.estargz.uncompressed-size': `${size}`,
      },
    };
  }
  return {
    chunks: chunks(),
    result() {
      if (!result) throw new Error('internal error: the layer has not been read to its end');
      return result;
    },
  };
}

/** A file of the format's own: header, content, padding. */
function fileOf(path: string, content: Buffer): Buffer[] {
  return [
    entryHeader(copiedEntry(path, ownItem(path, content.length))).bytes,
    content,
    contentPadding(content.length),
  ];
}

function ownItem(path: string, size: number): LayerItem {
  const owner = { mode: 0o644, uid: 0, gid: 0, mtime: 0n };
  return { path, type: 'file', size, ...owner, linkName: '', major: 0, minor: 0, xattrs: {} };
}

/** Cuts the tar before each piece of a file's content. Offsets in `entries` are known when the segments are compressed. */
async function* segments(
  source: AsyncIterable<TarEntry>,
  entries: TocEntry[],
): AsyncGenerator<Segment, void> {
  let pieces: Buffer[] = [];
  let length = 0;
  let chunk: TocEntry | undefined;

  const add = (bytes: Buffer): void => {
    pieces.push(bytes);
    length += bytes.length;
  };
  function* cut(following?: TocEntry): Generator<Segment, void> {
    if (length > 0) yield { content: Buffer.concat(pieces, length), chunk };
    pieces = [];
    length = 0;
    chunk = following;
  }

  async function* file(
    head: TocEntry,
    size: number,
    body: AsyncIterable<Buffer>,
  ): AsyncGenerator<Segment, void> {
    const whole = newHash();
    let hash = newHash();
    let piece = head;
    let used = 0;
    let done = 0;
    yield* cut(head);
    for await (const bytes of body) {
      for (let at = 0; at < bytes.length; ) {
        if (used === chunkSize) {
          piece.chunkSize = used;
          piece.chunkDigest = finishDigest(hash);
          hash = newHash();
          piece = { name: head.name, type: 'chunk', chunkOffset: done };
          entries.push(piece);
          used = 0;
          yield* cut(piece);
        }
        // A view of the reader's chunk would not outlive the next read.
        const part = Buffer.from(bytes.subarray(at, at + chunkSize - used));
        whole.update(part);
        hash.update(part);
        add(part);
        used += part.length;
        done += part.length;
        at += part.length;
      }
    }
    piece.chunkDigest = finishDigest(hash);
    head.digest = finishDigest(whole);
    add(contentPadding(size));
  }

  async function* entry(item: LayerItem, body: () => AsyncIterable<Buffer>): AsyncGenerator<Segment, void> {
    const same = sameEntry(item);
    if (!same) return;
    const { fields, bytes } = entryHeader(same);
    const head = tocEntry(fields);
    entries.push(head);
    if (length >= chunkSize) yield* cut();
    add(bytes);
    if (fields.size > 0) yield* file(head, fields.size, body());
    else if (head.type === 'reg') head.digest = digestOf('');
  }

  yield* entry(ownItem(landmarkName, landmarkContent.length), async function* () {
    yield landmarkContent;
  });
  for await (const one of source) {
    if (!reservedNames.includes(one.path.replace(/^\.?\/+/, ''))) yield* entry(one, () => one.body());
  }
  yield* cut();
}
