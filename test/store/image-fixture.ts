// Small images made of nothing, in any content store.

import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { formatPlatform, type Platform } from '../../src/oci/platform.ts';
import type { ContentStore } from '../../src/seams.ts';

export const amd64: Platform = { os: 'linux', architecture: 'amd64' };
export const arm64: Platform = { os: 'linux', architecture: 'arm64' };
export const layerContent = (platform: Platform) => Buffer.from(`layer of ${formatPlatform(platform)}`);

/** Stores bytes or a JSON document. */
export async function put(store: ContentStore, type: string, content: object): Promise<Descriptor> {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  return { mediaType: type, ...(await store.ingest([bytes])) };
}

/** An image with one layer. */
export async function putImage(store: ContentStore, platform: Platform): Promise<Descriptor> {
  const content = layerContent(platform);
  const layer = await put(store, mediaType.ociLayer, content);
  const config = await put(store, mediaType.ociConfig, {
    ...platform,
    rootfs: { type: 'layers', diff_ids: [digestOf(content) as string as DiffID] },
  });
  return await put(store, mediaType.ociManifest, {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config,
    layers: [layer],
  });
}

export async function putIndex(store: ContentStore, manifests: Descriptor[]): Promise<Descriptor> {
  return await put(store, mediaType.ociIndex, {
    schemaVersion: 2,
    mediaType: mediaType.ociIndex,
    manifests,
  });
}
