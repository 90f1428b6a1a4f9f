// A build's lock file at work: pins what is in it, notes what the build asks for, and is written when the build is done.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { publicAddress } from '../attest/public-address.ts';
import type { BuildRequest, LockRequest } from '../build-request.ts';
import { SlipwayError, systemCode } from '../errors.ts';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import type { ImageOp } from '../graph/vertex.ts';
import { type LockChange, lockChanges } from '../lock/lock-changes.ts';
import { emptyLock, formatLock, type LockFile, parseLock } from '../lock/lock-file.ts';
import type { Digest } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { SourceImage } from '../seams.ts';
import type { ImageResolver } from './resolve-image.ts';
import type { Sources } from './sources.ts';

export interface SourceLock {
  images(resolver: ImageResolver): ImageResolver;
  sources(sources: Sources): Sources;
  /** Writes the file where it changed; what `frozen` holds is never written. */
  save(): Promise<LockChange[]>;
}

const unlocked: SourceLock = {
  images: (resolver) => resolver,
  sources: (sources) => sources,
  save: async () => [],
};

/** Undefined where there is no file. */
function readLock(path: string, name: string): LockFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new SlipwayError('ERR_LOCK', `can't read ${name}`, { cause: error, hint: 'check its permissions' });
  }
  return parseLock(text, name);
}

/** @throws ERR_LOCK */
export function openSourceLock(request: Pick<BuildRequest, 'lock' | 'cwd'>): SourceLock {
  const { lock, cwd } = request;
  if (!lock) return unlocked;
  const path = resolve(cwd, lock.file);
  const read = readLock(path, lock.file);
  if (!read && lock.mode === 'frozen') {
    throw new SlipwayError('ERR_LOCK', `there is no ${lock.file}`, {
      hint: 'write it with slipway lock, and keep it beside the Dockerfile',
    });
  }
  return createSourceLock(lock, read, async (after) => {
    // What another build has added meanwhile stays.
    const now = lock.mode === 'add' ? readLock(path, lock.file) : undefined;
    try {
      await writeFileAtomic(path, formatLock(now ? merge(now, after) : after));
    } catch (error) {
      throw diskError(error, `writing ${lock.file}`);
    }
  });
}

/**
 * @param read undefined: there is no file, and one is written even if it says nothing.
 * @param write is called where there is something to write
 */
function createSourceLock(
  lock: LockRequest,
  read: LockFile | undefined,
  write: (after: LockFile) => Promise<void>,
): SourceLock {
  const before = read ?? emptyLock();
  const found = emptyLock();
  const pins = lock.mode === 'update' ? emptyLock() : before;
  /** A name that is no entry is none of the prototype's either. */
  const pinOf = <T>(entries: Record<string, T>, name: string): T | undefined =>
    Object.hasOwn(entries, name) ? entries[name] : undefined;

  function mustBeFree(name: string): void {
    if (lock.mode !== 'frozen') return;
    throw new SlipwayError('ERR_LOCK', `${name} is not in ${lock.file}, and --frozen allows nothing else`, {
      hint: 'add it with slipway lock, look at the difference, and commit it',
    });
  }

  async function resolveImage(
    resolver: ImageResolver,
    op: ImageOp,
    signal: AbortSignal,
  ): Promise<SourceImage> {
    const reference = parseReference(op.origin.reference);
    // A digest in the Dockerfile is a pin of its own; a layout lies here.
    if (op.origin.kind !== 'registry' || reference.digest) return resolver.resolve(op, signal);
    const name = formatReference(reference);
    const platform = formatPlatform(op.platform);
    const pin = pinOf(pins.images, name);
    if (!pin) mustBeFree(name);
    const origin = pin && {
      kind: op.origin.kind,
      reference: `${reference.registry}/${reference.repository}@${pin.digest}`,
    };
    const image = await resolver.resolve(origin ? { ...op, origin } : op, signal);
    const { digest } = image.descriptor;
    const expected = pin && pinOf(pin.platforms, platform);
    if (expected !== undefined && expected !== digest) {
      throw new SlipwayError(
        'ERR_LOCK',
        `${lock.file} says ${expected} of ${name} for ${platform}, and its own ${pin!.digest} leads to ${digest}`,
        { hint: 'the file was edited by hand, or merged wrongly: slipway lock --update' },
      );
    }
    const entry = pinOf(found.images, name) ?? { digest: image.resolved, platforms: {} };
    found.images[name] = { digest: entry.digest, platforms: { ...entry.platforms, [platform]: digest } };
    return { ...image, name };
  }

  return {
    images: (resolver) => ({ resolve: (op, signal) => resolveImage(resolver, op, signal) }),
    sources: (sources) => ({
      ...sources,
      async git(spec, signal) {
        const name = `${publicAddress(spec.remote)}#${spec.ref ?? ''}`;
        const pinned = pinOf(pins.git, name);
        if (!pinned) mustBeFree(name);
        const files = await sources.git(pinned ? { ...spec, pinned } : spec, signal);
        const { ref, commit } = files.commit;
        found.git[name] = { ref, commit };
        return files;
      },
      async http(url, checksum, signal) {
        const name = publicAddress(url);
        const pin = pinOf(pins.urls, name) as Digest | undefined;
        // A checksum in the Dockerfile is a pin of its own.
        if (checksum !== undefined) return sources.http(url, checksum, signal);
        if (!pin) mustBeFree(name);
        const file = await sources.http(url, pin, signal).catch((error: unknown) => {
          if (error instanceof SlipwayError && error.code === 'ERR_DIGEST_MISMATCH')
            error.hint = `${name} no longer serves what ${lock.file} says; take what it serves now: slipway lock --update`;
          throw error;
        });
        found.urls[name] = file.digest;
        return file;
      },
    }),
    async save() {
      if (lock.mode === 'frozen') return [];
      const after = lock.mode === 'update' ? found : merge(before, found);
      const changes = lockChanges(before, after);
      if (changes.length > 0 || !read) await write(after);
      return changes;
    },
  };
}

/** What other builds have locked stays. */
function merge(before: LockFile, found: LockFile): LockFile {
  const images = { ...before.images };
  for (const [name, entry] of Object.entries(found.images)) {
    const known = Object.hasOwn(images, name) ? images[name] : undefined;
    images[name] = { digest: entry.digest, platforms: { ...known?.platforms, ...entry.platforms } };
  }
  return { images, git: { ...before.git, ...found.git }, urls: { ...before.urls, ...found.urls } };
}
