// Docker's own archives: manifest.json, with configs and layers wherever it says.
import { SlipwayError } from '../errors.ts';
import { badArchive } from '../layer/bad-archive.ts';
import { detectCompression } from '../layer/decompress.ts';
import { parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { encodeJson, type Manifest } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { matchPlatform } from '../oci/platform.ts';
import type { ContentStore } from '../seams.ts';
import type { ArchiveFiles } from './archive-files.ts';
import {
  type ArchivedImage,
  archivedNames,
  mostImages,
  type ReadArchiveOptions,
  unique,
} from './archived-image.ts';

export interface DockerEntry {
  Config: string;
  RepoTags: string[];
  Layers: string[];
}

export function parseDocker(bytes: Buffer): DockerEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw badArchive('its manifest.json is not JSON', cause);
  }
  const texts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((text) => typeof text === 'string');
  if (!Array.isArray(value) || value.length > mostImages)
    throw badArchive('its manifest.json is no list of images');
  return value.map((entry: Partial<DockerEntry> | null) => {
    const { Config, RepoTags, Layers } = entry ?? {};
    if (typeof Config !== 'string' || !texts(Layers ?? []) || !texts(RepoTags ?? []))
      throw badArchive('its manifest.json has an entry that is no image');
    return { Config, RepoTags: RepoTags ?? [], Layers: Layers ?? [] };
  });
}

/** Makes the manifest that such archives lack. @throws ERR_BAD_ARCHIVE, ERR_BAD_IMAGE, ERR_IMAGE_NOT_FOUND for the platform */
export async function readDocker(
  files: ArchiveFiles,
  bytes: Buffer,
  { store, platform }: ReadArchiveOptions,
): Promise<ArchivedImage[]> {
  const images: ArchivedImage[] = [];
  for (const { Config, RepoTags, Layers } of parseDocker(bytes)) {
    const configBytes = await files.read(Config);
    const configInfo = await files.find(Config);
    if (!configBytes || !configInfo) throw badArchive(`${JSON.stringify(Config)} is missing`);
    const config = parseConfig(configBytes);
    const { os, architecture, variant } = config;
    const own = { os, architecture, ...(variant ? { variant } : {}) };
    if (platform && !matchPlatform([{ platform: own }], platform)) continue;
    const layers: Descriptor[] = [];
    for (const path of Layers) layers.push(await layerDescriptor(files, path, store));
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      config: { mediaType: mediaType.ociConfig, digest: configInfo.digest, size: configInfo.size },
      layers,
    };
    const stored = await store.ingest([encodeJson(manifest)]);
    const image = {
      descriptor: { mediaType: mediaType.ociManifest, ...stored, platform: own },
      manifests: [{ manifest, diffIDs: config.rootfs.diff_ids as string[] as Digest[] }],
      blobs: [stored.digest, configInfo.digest, ...layers.map(({ digest }) => digest)],
    };
    images.push(...archivedNames(RepoTags, stored.digest).map((name) => ({ ...image, name })));
  }
  if (images.length > 0) return unique(images);
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', 'the archive has no image for this platform', {
    hint: 'leave out --platform to load what it has',
  });
}

const layerTypes: Record<string, string> = {
  none: mediaType.ociLayer,
  gzip: mediaType.ociLayerGzip,
  zstd: mediaType.ociLayerZstd,
};

async function layerDescriptor(files: ArchiveFiles, path: string, store: ContentStore): Promise<Descriptor> {
  const found = await files.find(path);
  if (!found) throw badArchive(`the layer ${JSON.stringify(path)} is missing`);
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of store.open(found.digest)) {
    head = chunk.subarray(0, 8);
    break;
  }
  const type = layerTypes[detectCompression(head)];
  if (!type)
    throw badArchive(`the layer ${JSON.stringify(path)} is compressed in a way that images do not have`);
  return { mediaType: type, digest: found.digest, size: found.size };
}
