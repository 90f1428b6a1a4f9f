// Small images made in memory: the documents and blobs that a registry holds for them.
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import type { Platform } from '../../src/oci/platform.ts';

export interface Blob {
  mediaType: string;
  digest: Digest;
  size: number;
  bytes: Buffer;
}

export interface SmallImage {
  manifest: Blob;
  config: Blob;
  layers: Blob[];
}

export function blobOf(type: string, content: string | Buffer | object): Blob {
  const bytes =
    typeof content === 'string' || Buffer.isBuffer(content)
      ? Buffer.from(content)
      : Buffer.from(JSON.stringify(content));
  return { mediaType: type, digest: digestOf(bytes), size: bytes.length, bytes };
}

export function descriptorOf({ mediaType: type, digest, size }: Blob) {
  return { mediaType: type, digest, size };
}

/** An image whose layers are the given bytes, uncompressed (they need not be a tar). */
export function smallImage(
  options: { layers?: (string | Buffer)[]; platform?: Platform; diffIDs?: Digest[] } = {},
): SmallImage {
  const layers = (options.layers ?? ['layer']).map((content) => blobOf(mediaType.ociLayer, content));
  const config = blobOf(mediaType.ociConfig, {
    ...(options.platform ?? { os: 'linux', architecture: 'amd64' }),
    config: { Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: options.diffIDs ?? layers.map(({ digest }) => digest) },
  });
  const manifest = blobOf(mediaType.ociManifest, {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  });
  return { manifest, config, layers };
}

export function indexOf(entries: { blob: Blob; platform?: Platform; attestation?: boolean }[]): Blob {
  return blobOf(mediaType.ociIndex, {
    schemaVersion: 2,
    mediaType: mediaType.ociIndex,
    manifests: entries.map(({ blob, platform, attestation }) => ({
      ...descriptorOf(blob),
      ...(platform ? { platform } : {}),
      ...(attestation ? { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } } : {}),
    })),
  });
}
