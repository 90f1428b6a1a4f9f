// Blobs on disk, as an OCI layout keeps them (image-layout.md#blobs).
import { type BigIntStats, closeSync, openSync, statSync } from 'node:fs';
import { type FileHandle, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { createFile, moveInto } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { createFileGrowth, type FileGrowth, type GrowingFile } from '../fs/growing-file.ts';
import type { Lease } from '../fs/lease.ts';
import { uniqueName } from '../fs/unique-name.ts';
import { untilAborted } from '../fs/until-aborted.ts';
import { type Digest, digestOf, hexOf } from '../oci/digest.ts';
import type { BlobInfo, ContentStore } from '../seams.ts';
import { abortable } from './abortable.ts';
import { readVerified } from './read-blob.ts';
import { readHead, withHead, writeSmall } from './small-blob.ts';
import { createStoreRoot } from './store-root.ts';
import { type ByteSource, writeBlob } from './write-blob.ts';

const emptyDigest = digestOf('');

export interface BlobStore extends ContentStore {
  /**
   * As ingest. `follow` is called once, before more than a little is read of the source, with the file that is written to; it
   * disposes of it. The file ends with the failure where the content is not stored. Of little content the file is whole when `follow` is called.
   */
  ingestFollowed(
    source: ByteSource,
    follow: (file: GrowingFile) => void,
    signal?: AbortSignal,
  ): Promise<BlobInfo>;
  /** Whether this store has written the blob, and it is as it was then by its times; false for small ones. */
  isAsWritten(digest: Digest): boolean;
}

/**
 * The blobs below `root/blobs/sha256`; makes the store where there is none, at the first write.
 *
 * `ingest` writes to `root/tmp`, hashes on the way and renames: a kill at any moment leaves a blob whole or absent. It does
 * not fsync, so a power cut can leave a torn file under a blob's name. `open` and `read` find that out, throw
 * ERR_DIGEST_MISMATCH and remove the file, so that the next ingest stores the content anew; `info` takes an empty file, and
 * `ingest` one of another size than is expected, for absent. Whoever reads from `path` relies on an earlier `open`. A big file
 * that this store has written, and that is as it was then by its times, is read without being hashed once more.
 *
 * Where the expected digest is stored already, or is just being stored by this process, the source is not read and not
 * even started: pass a source that acquires what it needs when it is first read.
 *
 * With a lease, what was found or stored stays as long as that is held; without one, a prune may take it. `onDamage` is told of
 * what was found to be damaged, and was removed.
 */
export function createContentStore(
  root: string,
  lease?: Pick<Lease, 'hold' | 'use'>,
  onDamage?: (digest: Digest) => void,
): BlobStore {
  const layout = createStoreRoot(root);
  /** By expected digest: what this process is storing. */
  const inFlight = new Map<Digest, Promise<BlobInfo>>();
  /** What this store has written, and so has hashed. */
  const written = new Map<Digest, string>();

  const path = (digest: Digest) => join(layout.blobs, hexOf(digest));

  async function info(digest: Digest): Promise<BlobInfo | undefined> {
    layout.check();
    try {
      // A call of microseconds: another thread would take longer to be asked.
      const found = statSync(path(digest), { throwIfNoEntry: false });
      if (!found?.isFile() || (found.size === 0 && digest !== emptyDigest)) return undefined;
      if (lease && !(await lease.use(path(digest), found.mtimeMs))) return undefined;
      return { digest, size: found.size };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw diskError(error, 'looking for a blob');
    }
  }

  function isAsWritten(digest: Digest): boolean {
    const state = written.get(digest);
    if (state === undefined) return false;
    const found = statSync(path(digest), { bigint: true, throwIfNoEntry: false });
    return found !== undefined && stateOf(found) === state;
  }

  async function* openVerified(digest: Digest): AsyncGenerator<Buffer, void, undefined> {
    layout.check();
    yield* readVerified(path(digest), digest, {
      isKnown: (found) => written.get(digest) === stateOf(found),
      async onDamage(file) {
        await removeDamaged(path(digest), file);
        onDamage?.(digest);
      },
    });
  }

  async function read(digest: Digest): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of openVerified(digest)) chunks.push(chunk);
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }

  async function ingest(
    source: ByteSource,
    expected: Expected = {},
    signal?: AbortSignal,
  ): Promise<BlobInfo> {
    signal?.throwIfAborted();
    const { digest } = expected;
    if (digest === undefined) return await store(source, expected, signal);
    for (;;) {
      const found = await info(digest);
      if (found && (expected.size === undefined || expected.size === found.size)) return found;
      const other = inFlight.get(digest);
      if (!other) break;
      // Where the other one fails, its source or its caller is at fault: this source may do better.
      await untilAborted(
        other.catch(() => undefined),
        signal,
      );
      if (inFlight.get(digest) === other) inFlight.delete(digest);
    }
    const work = store(source, expected, signal);
    inFlight.set(digest, work);
    try {
      return await work;
    } finally {
      if (inFlight.get(digest) === work) inFlight.delete(digest);
    }
  }

  async function ingestFollowed(
    source: ByteSource,
    follow: (file: GrowingFile) => void,
    signal?: AbortSignal,
  ): Promise<BlobInfo> {
    signal?.throwIfAborted();
    let growth: FileGrowth | undefined;
    const begin: Follow = (temporary) => {
      const fd = openSync(temporary, 'r');
      growth = createFileGrowth({ fd, close: async () => closeSync(fd) });
      follow(growth.file);
      return growth.grow;
    };
    try {
      const info = await store(source, { follow: begin }, signal);
      growth?.end();
      return info;
    } catch (error) {
      growth?.end(error);
      throw error;
    }
  }

  async function store(
    source: ByteSource,
    { follow, ...expected }: Expected & { follow?: Follow },
    signal?: AbortSignal,
  ): Promise<BlobInfo> {
    layout.prepare();
    await lease?.hold();
    const temporary = join(layout.tmp, uniqueName('blob'));
    const chunks = abortable(source, signal);
    const head = await readHead(chunks);
    if (head.next === undefined) {
      const small = { digest: digestOf(head.bytes), size: head.bytes.length };
      compare(small, expected);
      signal?.throwIfAborted();
      return storeSmall(head.bytes, { ...small, temporary, follow });
    }
    let file: FileHandle;
    try {
      // Read-only for others from the start: nothing changes a blob.
      file = await createFile(temporary, 0o444);
    } catch (error) {
      await chunks.return();
      throw diskError(error, 'storing a blob');
    }
    const write = async (): Promise<BlobInfo> => {
      try {
        const grow = follow?.(temporary);
        return await writeBlob(file, withHead(head, chunks), { limit: expected.size, grow });
      } finally {
        await file.close();
      }
    };
    let moved = false;
    try {
      const stored = await write();
      compare(stored, expected);
      signal?.throwIfAborted();
      try {
        await moveInto(temporary, path(stored.digest));
      } catch (error) {
        throw diskError(error, 'storing a blob');
      }
      moved = true;
      if (stored.size < leastKnown) return stored;
      const found = statSync(path(stored.digest), { bigint: true, throwIfNoEntry: false });
      if (found) written.set(stored.digest, stateOf(found));
      return stored;
    } finally {
      if (!moved) await unlink(temporary).catch(() => undefined);
    }
  }

  function storeSmall(
    bytes: Buffer,
    { temporary, follow, ...stored }: BlobInfo & { temporary: string; follow: Follow | undefined },
  ): BlobInfo {
    try {
      writeSmall(temporary, path(stored.digest), bytes);
      follow?.(path(stored.digest))(bytes.length);
    } catch (error) {
      throw diskError(error, 'storing a blob');
    }
    return stored;
  }

  async function remove(digest: Digest): Promise<void> {
    layout.check();
    try {
      await unlink(path(digest));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw diskError(error, 'removing a blob');
    }
  }

  return { info, open: openVerified, read, ingest, ingestFollowed, isAsWritten, path, remove };
}

/** Tells by the name of the file that is going to be written who wants to know how far it is. */
type Follow = (file: string) => (size: number) => void;

/** Smaller files are hashed whenever they are read: that costs less than a mistake. */
const leastKnown = 1 << 20;

const stateOf = ({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  `${ino} ${size} ${mtimeNs} ${ctimeNs}`;

interface Expected {
  digest?: Digest;
  size?: number;
}

/** @throws ERR_DIGEST_MISMATCH */
export function compare(written: BlobInfo, expected: Expected): void {
  const hint =
    'it was changed or cut short on its way; try again, and mistrust its source if that does not help';
  if (expected.size !== undefined && written.size !== expected.size) {
    const count = written.size > expected.size ? 'more' : `only ${written.size}`;
    throw new SlipwayError(
      'ERR_DIGEST_MISMATCH',
      `${expected.digest ?? 'the content'} should have ${expected.size} bytes, and there are ${count}`,
      { hint },
    );
  }
  if (expected.digest !== undefined && written.digest !== expected.digest) {
    throw new SlipwayError(
      'ERR_DIGEST_MISMATCH',
      `content that should be ${expected.digest} is ${written.digest}`,
      { hint },
    );
  }
}

/** Removes the file that was read, unless another has taken its place meanwhile. */
async function removeDamaged(path: string, read: FileHandle): Promise<void> {
  const [here, there] = await Promise.all([read.stat(), stat(path).catch(() => undefined)]);
  if (here.ino === there?.ino) await unlink(path).catch(() => undefined);
}
