// A content store in memory: the fake for tests of what uses one. Passes the contract suite.
import { SlipwayError } from '../../src/errors.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { BlobInfo, ContentStore } from '../../src/seams.ts';

export interface MemoryContentStore extends ContentStore {
  /** The blobs, to be looked at and damaged by tests. */
  blobs: Map<Digest, Buffer>;
  /** How often a source was read. */
  ingests(): number;
}

export function createMemoryContentStore(): MemoryContentStore {
  const blobs = new Map<Digest, Buffer>();
  let ingests = 0;

  function get(digest: Digest): Buffer {
    const blob = blobs.get(digest);
    if (!blob) throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${digest} is not in the store`);
    return blob;
  }

  function verified(digest: Digest): Buffer {
    const blob = get(digest);
    if (digestOf(blob) === digest) return blob;
    blobs.delete(digest);
    throw new SlipwayError('ERR_DIGEST_MISMATCH', `${digest} is damaged`);
  }

  return {
    blobs,
    ingests: () => ingests,
    async info(digest) {
      const blob = blobs.get(digest);
      return blob && { digest, size: blob.length };
    },
    async *open(digest) {
      const blob = get(digest);
      for (let at = 0; at < blob.length; at += 1 << 20) yield Buffer.from(blob.subarray(at, at + (1 << 20)));
      verified(digest);
    },
    async read(digest) {
      return Buffer.from(verified(digest));
    },
    async ingest(source, expected = {}, signal): Promise<BlobInfo> {
      signal?.throwIfAborted();
      const there = expected.digest && blobs.get(expected.digest);
      if (there && (expected.size ?? there.length) === there.length)
        return { digest: expected.digest!, size: there.length };
      ingests++;
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of source) {
        signal?.throwIfAborted();
        chunks.push(Buffer.from(chunk));
        size += chunk.length;
        if (size > (expected.size ?? size)) break;
      }
      signal?.throwIfAborted();
      const content = Buffer.concat(chunks);
      const digest = digestOf(content);
      if ((expected.digest ?? digest) !== digest || (expected.size ?? size) !== size)
        throw new SlipwayError(
          'ERR_DIGEST_MISMATCH',
          `content that should be ${expected.digest} is ${digest}`,
        );
      blobs.set(digest, content);
      return { digest, size };
    },
    path: (digest) => `/memory/${digest}`,
    async remove(digest) {
      blobs.delete(digest);
    },
  };
}
