// A shared cache in a folder: an OCI layout (image-layout.md), where an export leaves nothing that no manifest names.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, open, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { moveInto, writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { createLease, deadLeases, sweepAlone, sweepLeases } from '../fs/lease.ts';
import { sweepLocks, withLock } from '../fs/lock.ts';
import { removeAbandoned, uniqueName } from '../fs/unique-name.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf, finishDigest, hexOf, newHash } from '../oci/digest.ts';
import { encodeJson, isIndex, manifestLimit, parseManifest } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { CacheRemote } from '../seams.ts';
import { verified } from './verified.ts';

export interface FolderCacheOptions {
  /** Absolute. */
  path: string;
  tag: string;
  /** Reads this document, whatever has the tag. */
  digest?: Digest | undefined;
}

const refName = 'org.opencontainers.image.ref.name';

/** Nothing is made before something is written. */
export function createFolderCache({ path, tag, digest }: FolderCacheOptions): CacheRemote {
  const blobs = join(path, 'blobs', 'sha256');
  const own = join(path, '.slipway');
  const pathOf = (blob: Digest): string => join(blobs, hexOf(blob));
  let lease = createLease(own);
  let isCleared = false;

  function entries(): Descriptor[] {
    const bytes = readSmall(join(path, 'index.json'));
    if (!bytes) return [];
    const index = parseManifest(bytes, mediaType.ociIndex);
    return isIndex(index) ? index.manifests : [];
  }

  const current = (): Descriptor | undefined =>
    entries().find((entry) => (digest ? entry.digest === digest : entry.annotations?.[refName] === tag));

  async function* openBlob(descriptor: Descriptor, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const file = await open(pathOf(descriptor.digest)).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw diskError(error, 'reading a cache');
      throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${descriptor.digest} is not in the cache ${path}`);
    });
    try {
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(1 << 20));
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  /** What killed exports have left: once, by who writes. */
  function clearAbandoned(): void {
    if (isCleared) return;
    isCleared = true;
    removeAbandoned(path, '');
    sweepLeases(deadLeases(own));
    sweepLocks(join(own, 'locks'));
  }

  async function store(bytes: AsyncIterable<Uint8Array>, expected: Descriptor): Promise<void> {
    const temporary = join(path, uniqueName('.part'));
    await mkdir(path, { recursive: true });
    const file = await open(temporary, 'wx', 0o644);
    try {
      const hash = newHash();
      for await (const chunk of bytes) {
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      await file.close();
      const actual = finishDigest(hash);
      if (actual !== expected.digest)
        throw new SlipwayError('ERR_DIGEST_MISMATCH', `what should be ${expected.digest} is ${actual}`);
      await moveInto(temporary, pathOf(expected.digest));
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Deletes the blobs that no manifest names, and that nobody has just written for one to come. */
  async function compact(signal: AbortSignal): Promise<void> {
    await lease[Symbol.asyncDispose]();
    lease = createLease(own);
    await sweepAlone(own, signal, async (cutoff) => {
      const named = new Set(
        entries()
          .flatMap((entry) => [entry.digest, ...namedBy(entry, pathOf)])
          .map(hexOf),
      );
      for (const name of namesIn(blobs)) {
        const { mtimeMs } = statSync(join(blobs, name), { throwIfNoEntry: false }) ?? {};
        if (!named.has(name) && mtimeMs !== undefined && mtimeMs < cutoff) await unlink(join(blobs, name));
      }
    });
  }

  return {
    name: path,
    async read(signal) {
      signal.throwIfAborted();
      const entry = current();
      const bytes = entry && readSmall(pathOf(entry.digest));
      if (!entry || !bytes) return undefined;
      return { bytes: verified(bytes, entry, path), mediaType: entry.mediaType, digest: entry.digest };
    },
    async readByDigest(descriptor) {
      const bytes = readSmall(pathOf(descriptor.digest));
      return bytes && { bytes: verified(bytes, descriptor, path), mediaType: descriptor.mediaType };
    },
    open: openBlob,
    async write(blob, signal) {
      const { digest: wanted, size } = blob.descriptor;
      clearAbandoned();
      await lease.hold();
      const there = statSync(pathOf(wanted), { throwIfNoEntry: false });
      if (there?.size === size && (await lease.use(pathOf(wanted), there.mtimeMs))) return 'present';
      try {
        await store(blob.open(signal), blob.descriptor);
      } catch (error) {
        signal.throwIfAborted();
        throw writeError(error, path);
      }
      return 'uploaded';
    },
    async commit(document, base, signal) {
      clearAbandoned();
      const described: Descriptor = {
        mediaType: document.mediaType,
        digest: digestOf(document.bytes),
        size: document.bytes.length,
        annotations: { [refName]: tag },
      };
      try {
        await lease.hold();
        const isWritten = await withLock(join(own, 'locks', 'index'), signal, async () => {
          if (current()?.digest !== base) return false;
          await writeFileAtomic(pathOf(described.digest), document.bytes, { tmp: path });
          const others = entries().filter((entry) => entry.annotations?.[refName] !== tag);
          const index = {
            schemaVersion: 2,
            mediaType: mediaType.ociIndex,
            manifests: [...others, described],
          };
          await writeFileAtomic(join(path, 'oci-layout'), encodeJson({ imageLayoutVersion: '1.0.0' }));
          await writeFileAtomic(join(path, 'index.json'), encodeJson(index));
          return true;
        });
        if (isWritten) await compact(signal);
        return isWritten;
      } catch (error) {
        signal.throwIfAborted();
        throw writeError(error, path);
      }
    },
    async discard() {
      if (statSync(own, { throwIfNoEntry: false })) await compact(new AbortController().signal);
    },
  };
}

/** What a manifest, or an index of any depth, leads to. */
function namedBy(entry: Descriptor, pathOf: (digest: Digest) => string, depth = 0): Digest[] {
  const bytes = readSmall(pathOf(entry.digest));
  if (!bytes || depth > 4) return [];
  try {
    const document = parseManifest(bytes, entry.mediaType);
    if (!isIndex(document)) return [document.config, ...document.layers].map(({ digest }) => digest);
    return document.manifests.flatMap((one) => [one.digest, ...namedBy(one, pathOf, depth + 1)]);
  } catch {
    return [];
  }
}

function readSmall(file: string): Buffer | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= manifestLimit ? readFileSync(file) : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw diskError(error, 'reading a cache');
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, 'reading a cache');
  }
}

function writeError(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (error instanceof SlipwayError || code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskError(error, `writing the cache ${path}`);
  return new SlipwayError('ERR_EXPORT', `the cache can't be written to ${path}: ${code}`, {
    hint: 'give dest= a folder that you may write to',
    cause: error,
  });
}
