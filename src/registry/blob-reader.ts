// Reads a blob's content in ranges that mostly follow one another: it is opened anew only to go back.
import type { OutgoingBlob } from '../seams.ts';
import type { StreamedBody } from './http.ts';

export interface BlobReader extends Disposable {
  /** `size` bytes from `from` on. A range that ends where the blob does goes on to the source's own end, so that it can object. */
  range(from: number, size: number): StreamedBody;
  /** Whether the content itself could not be read, rather than sent. */
  failed(): boolean;
}

/** A content that is open: what is taken from it goes on where the last one stopped. */
interface Opened {
  /** Of the next byte. */
  position: number;
  rest: Uint8Array | undefined;
  chunks: AsyncIterator<Uint8Array>;
  /** Somebody waits for its next bytes, or got an error instead. */
  isTaken: boolean;
  failed: boolean;
  close(): void;
}

function open(blob: OutgoingBlob, signal: AbortSignal): Opened {
  const stop = new AbortController();
  const chunks = blob.open(AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
  return {
    position: 0,
    rest: undefined,
    chunks,
    isTaken: false,
    failed: false,
    close() {
      stop.abort();
      // Not waited for: it may be stuck in a read that the abort has to end first.
      chunks.return?.().catch(() => undefined);
    },
  };
}

/** The next bytes, at most `most`; undefined at the end. */
async function take(opened: Opened, most: number): Promise<Uint8Array | undefined> {
  let chunk = opened.rest;
  opened.rest = undefined;
  while (chunk === undefined || chunk.length === 0) {
    opened.isTaken = true;
    const next = await opened.chunks.next().catch((error: unknown) => {
      opened.failed = true;
      throw error;
    });
    opened.isTaken = false;
    if (next.done) return undefined;
    chunk = next.value;
  }
  const taken = chunk.subarray(0, most);
  if (taken.length < chunk.length) opened.rest = chunk.subarray(taken.length);
  opened.position += taken.length;
  return taken;
}

export function createBlobReader(blob: OutgoingBlob, signal: AbortSignal): BlobReader {
  let opened: Opened | undefined;

  async function* read(from: number, size: number): AsyncGenerator<Uint8Array, void, void> {
    // What an exchange that broke still waits for would be missing from this one.
    if (opened && (opened.position > from || opened.isTaken)) {
      opened.close();
      opened = undefined;
    }
    const source = opened ?? open(blob, signal);
    opened = source;
    while (source.position < from) if ((await take(source, from - source.position)) === undefined) return;
    const end = from + size;
    const isLast = end === blob.descriptor.size;
    while (isLast || source.position < end) {
      const chunk = await take(source, isLast ? Number.POSITIVE_INFINITY : end - source.position);
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  return {
    range: (from, size) => ({ size, open: () => read(from, size) }),
    failed: () => opened?.failed === true,
    [Symbol.dispose]: () => opened?.close(),
  };
}
