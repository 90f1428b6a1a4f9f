// What comes on stdin: an archive, of which the first bytes are looked at, or a short text.
import { SlipwayError } from '../errors.ts';
import { archiveHead } from './archive.ts';

const longestText = 16 << 20;

type Bytes = AsyncIterable<Uint8Array>;

/** The first bytes, and the whole stream, these included. It is read once, and only as fast as it is asked for. */
export async function peekStream(source: Bytes | undefined): Promise<{ head: Buffer; stream: Bytes }> {
  const iterator = (source ?? none())[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (head.length < archiveHead && !ended) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else head = Buffer.concat([head, next.value]);
  }
  async function* stream(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      while (!ended) {
        const next = await iterator.next();
        if (next.done) ended = true;
        else yield next.value;
      }
    } finally {
      if (!ended) await iterator.return?.();
    }
  }
  return { head, stream: stream() };
}

async function* none(): AsyncGenerator<Uint8Array> {}

/** @throws ERR_CONTEXT where it is too long for a Dockerfile. */
export async function readText(source: Bytes | undefined, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source ?? none()) {
    signal.throwIfAborted();
    length += chunk.length;
    if (length > longestText)
      throw new SlipwayError('ERR_CONTEXT', 'what should be a Dockerfile is longer than 16 MiB', {
        hint: 'a context on stdin is a tar, compressed or not',
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
