// Reads what stands where a shared cache is looked for: a cache, or images that have one in their config.
import { type CacheConfig, cacheConfigLimit, decodeCacheConfig } from '../cache-format/cache-config.ts';
import { readCacheDocument } from '../cache-format/cache-manifest.ts';
import { decodeInlineCache } from '../cache-format/inline-cache.ts';
import { SlipwayError } from '../errors.ts';
import { parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import type { CacheRemote } from '../seams.ts';

export interface ReadCache {
  /** One for a cache; one for each image that has one. */
  configs: CacheConfig[];
  /** Of the document under the name. */
  digest: Digest;
  /** It is a cache, and not an image with one. */
  isCache: boolean;
}

type FoundDocument = NonNullable<Awaited<ReturnType<CacheRemote['read']>>>;

/** By the document that led to it: who imports and exports reads it once. */
const decoded = new WeakMap<FoundDocument, Promise<CacheConfig>>();

/**
 * Images for other platforms are passed over.
 * @param found what the remote has under its name
 * @throws ERR_BAD_IMAGE, ERR_DIGEST_MISMATCH, ERR_UNSUPPORTED and what the remote throws
 */
export async function readCache(
  remote: CacheRemote,
  found: FoundDocument,
  { platforms, signal }: { platforms: readonly Platform[]; signal: AbortSignal },
): Promise<ReadCache> {
  const document = readCacheDocument(found.bytes, found.mediaType);
  const { digest } = found;
  switch (document.kind) {
    case 'cache': {
      const config =
        decoded.get(found) ??
        readBlob(remote, document.config, { limit: cacheConfigLimit, signal }).then(decodeCacheConfig);
      decoded.set(found, config);
      return { configs: [await config], digest, isCache: true };
    }
    case 'foreign':
      throw new SlipwayError('ERR_UNSUPPORTED', `${remote.name} is a cache of ${document.builder}`, {
        hint: 'its keys mean nothing here: export to another name with --cache-to',
      });
    case 'image':
      return { configs: await inlineCache(remote, document.manifest, signal), digest, isCache: false };
    case 'images': {
      const wanted = new Set(platforms.map(formatPlatform));
      const entries = document.manifests.filter(
        ({ platform }) => platform && wanted.has(formatPlatform(platform)),
      );
      const configs: CacheConfig[] = [];
      for (const entry of entries) {
        const image = await remote.readByDigest(entry, signal);
        const inner = image && readCacheDocument(image.bytes, image.mediaType);
        if (inner?.kind === 'image') configs.push(...(await inlineCache(remote, inner.manifest, signal)));
      }
      return { configs, digest, isCache: false };
    }
  }
}

async function inlineCache(
  remote: CacheRemote,
  { config, layers }: Manifest,
  signal: AbortSignal,
): Promise<CacheConfig[]> {
  const bytes = await readBlob(remote, config, { limit: cacheConfigLimit, signal });
  const cache = decodeInlineCache(parseConfig(bytes), layers);
  return cache ? [cache] : [];
}

/** A whole blob, verified. @throws ERR_BAD_IMAGE, ERR_DIGEST_MISMATCH */
export async function readBlob(
  remote: Pick<CacheRemote, 'name' | 'open'>,
  descriptor: Descriptor,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<Buffer> {
  const { digest, size } = descriptor;
  if (size > limit) throw new SlipwayError('ERR_BAD_IMAGE', `${digest} of ${remote.name} has ${size} bytes`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of remote.open(descriptor, signal)) {
    chunks.push(Uint8Array.from(chunk));
    length += chunk.length;
    if (length > size) break;
  }
  const bytes = Buffer.concat(chunks);
  if (length === size && digestOf(bytes) === digest) return bytes;
  throw new SlipwayError('ERR_DIGEST_MISMATCH', `${digest} of ${remote.name} is damaged`);
}
