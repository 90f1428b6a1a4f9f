// Stores a stream and passes it on at the same time: what is fetched need not lie on the disk before somebody can read it.
import type { Digest } from '../oci/digest.ts';
import type { ContentStore } from '../seams.ts';

/** Bytes that the store may be ahead of who reads. */
const ahead = 8 << 20;

export interface PassedOn {
  /**
   * The bytes, once, unverified until the last: then they are what `expected` says, and stored. Whoever comes late gets them
   * from the disk; whoever stops early gives up the reading alone.
   */
  chunks: AsyncIterable<Buffer>;
  /** Resolves when all is stored. @throws what ContentStore.ingest throws */
  stored: Promise<void>;
  /** Nobody reads, or reads on: the storing goes on. */
  leave(): void;
  /** Gives up the storing as well; of no effect where it is over. */
  cancel(): void;
}

/** @param open its bytes may not be used again after they were given. */
export function ingestThrough(
  store: ContentStore,
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  { expected, signal }: { expected: { digest: Digest; size?: number }; signal: AbortSignal },
): PassedOn {
  const own = new AbortController();
  const both = AbortSignal.any([signal, own.signal]);
  const waiting: Buffer[] = [];
  let bytesWaiting = 0;
  let isStarted = false;
  /** Somebody reads, or may still begin to. */
  let isRead = true;
  let isAttached = false;
  let isOver = false;
  let wakeReader = (): void => undefined;
  let wakeWriter = (): void => undefined;

  async function* tapped(): AsyncGenerator<Uint8Array> {
    isStarted = true;
    for await (const bytes of open(both)) {
      if (isRead) {
        waiting.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
        bytesWaiting += bytes.length;
        wakeReader();
      }
      yield bytes;
      if (!isAttached && bytesWaiting > ahead) leave();
      while (isRead && bytesWaiting > ahead) await new Promise<void>((resolve) => (wakeWriter = resolve));
    }
  }

  const stored = store
    .ingest(tapped(), expected, both)
    .then(() => undefined)
    .finally(() => {
      isOver = true;
      wakeReader();
    });
  // Whoever reads to the end is told.
  stored.catch(() => undefined);

  function leave(): void {
    isRead = false;
    waiting.length = 0;
    bytesWaiting = 0;
    wakeWriter();
  }

  async function* chunks(): AsyncGenerator<Buffer> {
    let isStreamed = isRead;
    isAttached = true;
    try {
      while (isStreamed) {
        const chunk = waiting.shift();
        if (chunk) {
          bytesWaiting -= chunk.length;
          wakeWriter();
          yield chunk;
        } else if (isOver) break;
        else await new Promise<void>((resolve) => (wakeReader = resolve));
      }
      await stored;
    } finally {
      leave();
    }
    // It was there by then, or another one stored it.
    isStreamed &&= isStarted;
    if (!isStreamed) yield* store.open(expected.digest);
  }

  return {
    chunks: chunks(),
    stored,
    leave,
    cancel() {
      leave();
      own.abort(new Error('nobody wants it any more'));
    },
  };
}
