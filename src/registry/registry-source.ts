// Images from registries: resolves a reference to a verified manifest and configuration, and streams layers on demand.
import { SlipwayError } from '../errors.ts';
import { type ImageConfig, parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { isIndex, type Manifest } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { ImageSource, SourceImage } from '../seams.ts';
import type { RegistryClient, Repository } from './client.ts';
import { endpointsOf } from './host-settings.ts';
import { type Expected, type ImageDocument, pickManifest, readDocument } from './image-document.ts';
import { fromFirst, streamFrom } from './mirrors.ts';
import { cleanText } from './redact.ts';

/** No image configuration that is larger is read. */
const configLimit = 8 << 20;
/** An index may list indexes; deeper than this it is taken for a trap. */
const indexDepth = 3;

async function readConfig(
  client: RegistryClient,
  repository: Repository,
  wanted: { manifest: Manifest; name: string; signal: AbortSignal },
): Promise<{ bytes: Buffer; config: ImageConfig }> {
  const { config: descriptor, layers } = wanted.manifest;
  const what = `the configuration of ${wanted.name}`;
  if (descriptor.size > configLimit) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      `${what} has ${descriptor.size} bytes, more than the ${configLimit >> 20} MiB that are read`,
    );
  }
  const { bytes, truncated } = await client.smallBlob(
    repository,
    { descriptor, limit: descriptor.size },
    wanted.signal,
  );
  const digest = digestOf(bytes);
  if (truncated || digest !== descriptor.digest) {
    throw new SlipwayError(
      'ERR_DIGEST_MISMATCH',
      `${what} is not what its manifest says: ${truncated ? `more than ${descriptor.size} bytes` : digest} came, ${descriptor.digest} is right`,
      { hint: 'the registry or a proxy on the way serves wrong content' },
    );
  }
  const config = parseConfig(bytes);
  if (config.rootfs.diff_ids.length !== layers.length) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      `${wanted.name} has ${layers.length} layers in its manifest and ${config.rootfs.diff_ids.length} in its configuration (${cleanText(String(descriptor.mediaType), 100)})`,
      { hint: 'it may hold something else than a container image' },
    );
  }
  return { bytes, config };
}

/** The manifest for a platform, and the document that the reference itself stands for. */
async function findManifest(
  fetch: (id: string, expected?: Expected) => Promise<ImageDocument>,
  first: ImageDocument,
  wanted: { platform: Platform; name: string },
): Promise<{ found: ImageDocument & { document: Manifest }; entry: Descriptor | undefined }> {
  let found = first;
  let entry: Descriptor | undefined;
  for (let depth = 0; depth <= indexDepth; depth++) {
    const { document } = found;
    if (!isIndex(document)) return { found: { ...found, document }, entry };
    entry = pickManifest(document, wanted.platform, wanted.name);
    found = await fetch(entry.digest, entry);
  }
  throw new SlipwayError('ERR_BAD_IMAGE', `${wanted.name} is an index of indexes, too deep to follow`);
}

/**
 * A source whose references are those of `docker pull`. Nothing is read before the first resolve(); connections are shared
 * by all images of a source and do not keep the process alive.
 */
export function createRegistrySource(client: RegistryClient): ImageSource {
  return {
    async resolve(text, platform, signal) {
      const reference = parseReference(text);
      const name = formatReference(reference);
      const places = endpointsOf(client.settings, reference);
      const wanted = { reference, name, platform, signal };
      const { place, image } = await fromFirst(places, signal, async (one) => ({
        place: one,
        image: await resolveAt(client, one, wanted),
      }));
      // The one that gave the manifest is the first to be asked for the rest.
      const ordered = [place, ...places.filter((one) => one !== place)];
      return {
        ...image,
        blob: (descriptor, blobSignal) => streamFrom(client, ordered, { descriptor, signal: blobSignal }),
      };
    },
  };
}

async function resolveAt(
  client: RegistryClient,
  place: Repository,
  wanted: { reference: Reference; name: string; platform: Platform; signal: AbortSignal },
): Promise<Omit<SourceImage, 'blob'>> {
  const { reference, name, platform, signal } = wanted;
  const fetch = async (id: string, expected?: Expected) => {
    const answer = await client.manifest(place, { reference: id, name }, signal);
    return readDocument(answer, name, expected);
  };
  const { digest } = reference;
  const first = await fetch(digest ?? reference.tag!, digest ? { digest } : undefined);
  const { found, entry } = await findManifest(fetch, first, { platform, name });
  const manifest = found.document;
  const { bytes, config } = await readConfig(client, place, { manifest, name, signal });
  return {
    name,
    descriptor: {
      mediaType: manifest.mediaType,
      digest: found.digest,
      size: found.bytes.length,
      ...(entry?.platform ? { platform: entry.platform } : {}),
    },
    resolved: first.digest,
    manifest: {
      config: manifest.config,
      layers: manifest.layers,
      ...(manifest.annotations ? { annotations: manifest.annotations } : {}),
    },
    config,
    raw: { manifest: found.bytes, config: bytes },
  };
}
