// Images from an OCI layout folder that somebody else wrote: `path[:tag][@digest]` (image-layout.md). Only reads.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, hexOf, isDigest } from '../oci/digest.ts';
import { isIndex, manifestLimit, parseManifest } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { ImageSource } from '../seams.ts';
import { readImage } from './image-reader.ts';
import { imageNameAnnotation, refNameAnnotation } from './image-store.ts';
import { openBlobFile, readChunks, readVerified } from './read-blob.ts';

export interface LayoutSourceOptions {
  /** The folder that relative paths start from. */
  cwd?: string | undefined;
}

/**
 * A tag is matched on `org.opencontainers.image.ref.name`, then on `io.containerd.image.name`; without tag and digest it is
 * `latest`, or the only image there is. Everything but the layers is verified.
 * @throws ERR_IMAGE_NOT_FOUND (its hint lists what there is), ERR_BAD_IMAGE, ERR_BLOB_NOT_FOUND, ERR_DIGEST_MISMATCH
 */
export function createLayoutSource(options: LayoutSourceOptions = {}): ImageSource {
  return {
    async resolve(reference, platform, signal) {
      signal.throwIfAborted();
      const { path, tag, digest } = parseLayoutReference(reference, options.cwd ?? '.');
      const entries = readLayout(path);
      const pathOf = (blob: Digest) => join(path, 'blobs', 'sha256', hexOf(blob));
      const top = digest ? byDigest(entries, digest, pathOf(digest)) : byTag(entries, tag, path);
      return await readImage(
        {
          name: reference,
          platform,
          read: (descriptor) => readWhole(pathOf(descriptor.digest), descriptor, signal),
          blob: (descriptor, blobSignal) => streamFile(pathOf(descriptor.digest), descriptor, blobSignal),
        },
        top,
      );
    },
  };
}

interface LayoutReference {
  path: string;
  tag: string | undefined;
  digest: Digest | undefined;
}

/** Tags hold colons and slashes, and so do paths: the longest beginning that exists is the path. */
function parseLayoutReference(reference: string, cwd: string): LayoutReference {
  const at = reference.lastIndexOf('@');
  const after = at < 0 ? '' : reference.slice(at + 1);
  const digest = isDigest(after) ? after : undefined;
  const name = digest ? reference.slice(0, at) : reference;
  const ends = [name.length];
  for (let i = name.lastIndexOf(':'); i > 0; i = name.lastIndexOf(':', i - 1)) ends.push(i);
  const end = ends.find((i) => statSync(resolve(cwd, name.slice(0, i)), { throwIfNoEntry: false }));
  if (end === undefined) {
    const path = name.slice(0, ends.at(-1));
    throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `there is no OCI layout ${JSON.stringify(path)}`, {
      hint: 'an OCI layout is named by its folder: path[:tag][@digest]',
    });
  }
  return { path: resolve(cwd, name.slice(0, end)), tag: name.slice(end + 1) || undefined, digest };
}

function readLayout(path: string): Descriptor[] {
  const broken = (what: string) =>
    new SlipwayError('ERR_BAD_IMAGE', `${path} is no OCI layout: ${what}`, {
      hint: 'an OCI layout is a folder with oci-layout, index.json and blobs/; one in a tar must be unpacked first',
    });
  if (!statSync(path).isDirectory()) throw broken('it is a file');
  const marker = readSmall(join(path, 'oci-layout'));
  if (!marker) throw broken('it has no file oci-layout');
  const bytes = readSmall(join(path, 'index.json'));
  if (!bytes) throw broken('it has no file index.json');
  const index = parseManifest(bytes, mediaType.ociIndex);
  if (!isIndex(index)) throw broken('its index.json is no index');
  return index.manifests;
}

function readSmall(path: string): Buffer | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= manifestLimit ? readFileSync(path) : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskError(error, 'reading an OCI layout');
  }
}

function byDigest(entries: Descriptor[], digest: Digest, path: string): Descriptor {
  const listed = entries.find((entry) => entry.digest === digest);
  if (listed) return listed;
  // Not at the top: the manifest for a platform, which an index lists.
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return { mediaType: '', digest, size: found.size };
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `the OCI layout has no ${digest}`, {
    hint: `it has: ${entries.map((entry) => entry.digest).join(', ') || 'nothing'}`,
  });
}

function byTag(entries: Descriptor[], tag: string | undefined, path: string): Descriptor {
  const wanted = tag ?? 'latest';
  for (const annotation of [refNameAnnotation, imageNameAnnotation]) {
    const hit = entries.find((entry) => entry.annotations?.[annotation] === wanted);
    if (hit) return hit;
  }
  if (tag === undefined && entries.length === 1) return entries[0]!;
  const names = entries.map((entry) => entry.annotations?.[refNameAnnotation] ?? entry.digest);
  const message =
    tag === undefined
      ? `the OCI layout ${path} has ${entries.length} images, and none is "latest"`
      : `the OCI layout ${path} has no ${JSON.stringify(tag)}`;
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', message, {
    hint: `it has: ${names.join(', ') || 'nothing'}`,
  });
}

async function readWhole(path: string, descriptor: Descriptor, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of readVerified(path, descriptor.digest)) {
    signal.throwIfAborted();
    size += chunk.length;
    if (size > descriptor.size) break;
    chunks.push(chunk);
  }
  if (size === descriptor.size) return Buffer.concat(chunks);
  throw new SlipwayError('ERR_DIGEST_MISMATCH', `${descriptor.digest} is not of ${descriptor.size} bytes`, {
    hint: 'the OCI layout is damaged: make it anew',
  });
}

async function* streamFile(
  path: string,
  descriptor: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await openBlobFile(path, descriptor.digest);
  try {
    for await (const chunk of readChunks(file)) {
      signal.throwIfAborted();
      yield chunk;
    }
  } finally {
    await file.close();
  }
}
