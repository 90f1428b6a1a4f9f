// The manifest of a shared cache: an image manifest (manifest.md) whose layers are all the blobs that the cache needs, so
// that registries keep them; or an index over them, for registries that take only known types of configs.
import type { Descriptor } from '../oci/descriptor.ts';
import { encodeJson, isIndex, type Manifest, parseManifest } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { type CacheConfig, cacheConfigType } from './cache-config.ts';

export interface CacheManifestForm {
  /** False: an index. */
  imageManifest: boolean;
  /** False: Docker's media types, which know no cache: an index alone can have them. */
  ociMediaTypes: boolean;
}

/** Every blob that a cache names, each once. */
export function blobsOfCache({ layers, mounts, trees }: CacheConfig): Descriptor[] {
  const all = [
    ...layers.flatMap(({ forms }) => forms.map(({ blob }) => blob)),
    ...mounts.flatMap(({ blobs }) => blobs),
    ...trees,
  ];
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()];
}

export function encodeCacheManifest(
  config: Descriptor,
  blobs: readonly Descriptor[],
  { imageManifest, ociMediaTypes }: CacheManifestForm,
): { bytes: Buffer; mediaType: string } {
  const described = { ...config, mediaType: cacheConfigType };
  if (imageManifest) {
    const type = mediaType.ociManifest;
    return {
      mediaType: type,
      bytes: encodeJson({ schemaVersion: 2, mediaType: type, config: described, layers: blobs }),
    };
  }
  const type = ociMediaTypes ? mediaType.ociIndex : mediaType.dockerIndex;
  const typed = blobs.map((blob) => (ociMediaTypes ? blob : withDockerType(blob)));
  return {
    mediaType: type,
    bytes: encodeJson({ schemaVersion: 2, mediaType: type, manifests: [...typed, described] }),
  };
}

function withDockerType(blob: Descriptor): Descriptor {
  return blob.mediaType === mediaType.ociLayerGzip ? { ...blob, mediaType: mediaType.dockerLayerGzip } : blob;
}

/** What a document is that stands where a cache is looked for. */
export type CacheDocument =
  | { kind: 'cache'; config: Descriptor }
  /** It may have a cache in its config. */
  | { kind: 'image'; manifest: Manifest }
  | { kind: 'images'; manifests: Descriptor[] }
  /** Of another builder. */
  | { kind: 'foreign'; builder: string };

const buildkitType = 'application/vnd.buildkit.cacheconfig.v0';

/** @throws ERR_BAD_IMAGE */
export function readCacheDocument(bytes: Uint8Array, type: string): CacheDocument {
  const document = parseManifest(bytes, type);
  const entries = isIndex(document) ? document.manifests : [document.config];
  const config = entries.findLast((entry) => entry.mediaType === cacheConfigType);
  if (config) return { kind: 'cache', config };
  if (entries.some((entry) => entry.mediaType === buildkitType))
    return { kind: 'foreign', builder: 'BuildKit' };
  return isIndex(document)
    ? { kind: 'images', manifests: document.manifests }
    : { kind: 'image', manifest: document };
}
