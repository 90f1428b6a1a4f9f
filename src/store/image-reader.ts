// From a descriptor to the image for one platform: indexes are descended, manifest and config read. For sources on disk.
import { SlipwayError } from '../errors.ts';
import { type ImageConfig, parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isIndex, type Manifest, manifestLimit, parseManifest } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { formatPlatform, matchPlatform, type Platform } from '../oci/platform.ts';
import type { SourceImage } from '../seams.ts';

/** Indexes in indexes are followed this far. */
const deepest = 4;
/** Of the entries that name no platform, so many are looked into. */
const mostUnnamed = 32;

export interface ImageReader {
  /** As it is shown, in SourceImage.name too. */
  name: string;
  platform: Platform;
  /** A whole document of a size that was checked, verified. */
  read(descriptor: Descriptor): Promise<Buffer>;
  blob: SourceImage['blob'];
}

/** @throws ERR_IMAGE_NOT_FOUND where an index has nothing for the platform; ERR_BAD_IMAGE. */
export async function readImage(reader: ImageReader, top: Descriptor): Promise<SourceImage> {
  const platforms: string[] = [];
  const found = await descend(reader, top, { depth: 0, named: true, platforms });
  if (found) return { ...found, name: reader.name, resolved: top.digest, blob: reader.blob };
  const wanted = formatPlatform(reader.platform);
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${reader.name} has no image for ${wanted}`, {
    hint: platforms.length
      ? `it has: ${[...new Set(platforms)].join(', ')}`
      : 'it has no image for any platform',
  });
}

type Found = Pick<SourceImage, 'descriptor' | 'manifest' | 'config' | 'raw'>;

interface Descent {
  depth: number;
  /** The entry was chosen by its platform or is what the reference names: its config may say otherwise. */
  named: boolean;
  /** Collects what there is, for the message. */
  platforms: string[];
}

async function descend(
  reader: ImageReader,
  descriptor: Descriptor,
  descent: Descent,
): Promise<Found | undefined> {
  if (descent.depth > deepest)
    throw new SlipwayError('ERR_BAD_IMAGE', `${reader.name}: too many indexes in indexes`);
  const bytes = await readDocument(reader, descriptor);
  const document = parseManifest(bytes, descriptor.mediaType);
  const depth = descent.depth + 1;
  if (!isIndex(document)) return await readManifest(reader, descriptor, { document, bytes, descent });
  const named = document.manifests.filter((entry) => entry.platform?.architecture && entry.platform.os);
  descent.platforms.push(...named.map((entry) => formatPlatform(entry.platform!)).filter(isReal));
  const hit = matchPlatform(named, reader.platform);
  if (hit) return await descend(reader, hit, { ...descent, depth, named: true });
  for (const entry of document.manifests.filter((other) => !named.includes(other)).slice(0, mostUnnamed)) {
    const found = await descend(reader, entry, { ...descent, depth, named: false });
    if (found) return found;
  }
  return undefined;
}

async function readManifest(
  reader: ImageReader,
  descriptor: Descriptor,
  read: { document: Manifest; bytes: Buffer; descent: Descent },
): Promise<Found | undefined> {
  const { document, bytes, descent } = read;
  const configBytes = await readDocument(reader, document.config);
  const config = parseConfig(configBytes);
  if (!descent.named && !matchPlatform([{ platform: platformOf(config) }], reader.platform)) {
    descent.platforms.push(formatPlatform(platformOf(config)));
    return undefined;
  }
  if (document.layers.length !== config.rootfs.diff_ids.length) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      `${reader.name}: the manifest has ${document.layers.length} layers, its config ${config.rootfs.diff_ids.length}`,
    );
  }
  const { annotations } = document;
  return {
    descriptor: {
      mediaType: document.mediaType || mediaType.ociManifest,
      digest: descriptor.digest,
      size: bytes.length,
    },
    manifest: {
      config: document.config,
      layers: document.layers,
      ...(annotations ? { annotations } : {}),
    },
    config,
    raw: { manifest: bytes, config: configBytes },
  };
}

async function readDocument(reader: ImageReader, descriptor: Descriptor): Promise<Buffer> {
  if (descriptor.size > manifestLimit) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      `${reader.name}: a document of ${descriptor.size} bytes is not read`,
    );
  }
  return await reader.read(descriptor);
}

function platformOf(config: ImageConfig): Platform {
  return {
    os: config.os,
    architecture: config.architecture,
    ...(config.variant ? { variant: config.variant } : {}),
  };
}

/** Attestations are listed under a platform of their own. */
function isReal(platform: string): boolean {
  return !platform.startsWith('unknown/');
}
