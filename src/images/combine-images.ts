// `imagetools create`: an index in registries, made of images that are there. Nothing is stored here.
import { createRegistries } from '../build/registries.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { CombinedImage, CombineRequest, CombineSource, EntryAnnotation } from '../image-request.ts';
import { parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { encodeJson, isIndex, parseManifest } from '../oci/manifest.ts';
import { isIndexType, mediaType } from '../oci/media-type.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { RepositoryReader } from '../registry/mirrored-reader.ts';
import { copyRemoteImage } from './copy-image.ts';
import { readBlob } from './describe-remote.ts';
import { type RemoteDocument, type RemoteImage, readRemoteImage } from './remote-image.ts';

/** Of an attestation: the manifest that it is about. */
const about = 'vnd.docker.reference.digest';

interface Source {
  reference: Reference;
  reader: RepositoryReader;
  image: RemoteImage;
  entries: Descriptor[];
}

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BAD_IMAGE, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_DIGEST_MISMATCH, ERR_USAGE */
export async function combineImages(
  engine: EngineOptions,
  request: CombineRequest,
  call: CallOptions,
): Promise<CombinedImage> {
  const tags = request.tags.map((tag) => parseReference(tag));
  const registries = createRegistries(engine);
  try {
    const sources: Source[] = [];
    for (const source of request.sources) {
      const reference = parseReference(source.reference);
      const reader = await registries.reader(repositoryOf(reference));
      sources.push(await readSource(reader, reference, { source, signal: call.signal }));
    }
    const { descriptor, bytes } = combine(sources, request);
    const names = tags.map((tag) => formatReference(tag));
    if (request.dryRun) return { names, descriptor, bytes };
    const document = parseManifest(bytes, descriptor.mediaType);
    const kept = isIndex(document) ? document.manifests : [descriptor];
    for (const tag of tags) {
      const target = await registries.repository(repositoryOf(tag));
      for (const { reference, reader, entries } of sources) {
        if (repositoryOf(reference) === target.name) continue;
        for (const { digest } of entries.filter((entry) => kept.some((one) => one.digest === entry.digest))) {
          const one = { ...reference, digest };
          const image = await readRemoteImage(reader, one, { platform: undefined, signal: call.signal });
          await copyRemoteImage(image, { source: reader, target, tag: undefined }, call);
        }
      }
      await target.pushManifest({ bytes, mediaType: descriptor.mediaType, ...tagOf(tag) }, call.signal);
    }
    return { names, descriptor, bytes };
  } finally {
    await registries.close();
  }
}

const repositoryOf = ({ registry, repository }: Reference): string => `${registry}/${repository}`;
const tagOf = ({ tag }: Reference): { tag?: string } => (tag === undefined ? {} : { tag });

async function readSource(
  reader: RepositoryReader,
  reference: Reference,
  { source, signal }: { source: CombineSource; signal: AbortSignal },
): Promise<Source> {
  const image = await readRemoteImage(reader, reference, { platform: undefined, signal });
  const { mediaType: type, digest, size } = image.top.descriptor;
  const top = parseManifest(image.top.bytes, type);
  if (isIndex(top)) return { reference, reader, image, entries: top.manifests };
  const { platform = await platformOf(reader, top.config, signal), annotations } = source.entry ?? {};
  const entry: Descriptor = { mediaType: type, digest, size };
  if (annotations) entry.annotations = annotations;
  if (platform) entry.platform = platform;
  return { reference, reader, image, entries: [entry] };
}

/** What the config of an image says; undefined for what is no image. */
async function platformOf(
  reader: RepositoryReader,
  config: Descriptor,
  signal: AbortSignal,
): Promise<Platform | undefined> {
  if (config.mediaType !== mediaType.ociConfig && config.mediaType !== mediaType.dockerConfig)
    return undefined;
  const bytes = await readBlob(reader, config, signal);
  const { os, architecture, variant } = parseConfig(bytes);
  return { os, architecture, ...(variant ? { variant } : {}) };
}

/** One source without changes stays as it is, byte for byte. */
function combine(sources: readonly Source[], request: CombineRequest): RemoteDocument {
  const { annotations, platforms, preferIndex } = request;
  const [only] = sources;
  const isChanged = sources.length > 1 || annotations.length > 0 || platforms.length > 0;
  if (only && !isChanged) {
    const { descriptor } = only.image.top;
    const isList = isIndexType(descriptor.mediaType);
    if (isList || !preferIndex) return only.image.top;
  }
  const all = new Map<string, Descriptor>();
  for (const entry of sources.flatMap(({ entries }) => entries)) {
    const known = all.get(entry.digest);
    all.set(entry.digest, {
      ...known,
      ...entry,
      ...(known?.annotations ? { annotations: { ...known.annotations, ...entry.annotations } } : {}),
    });
  }
  const manifests = annotated(chosen([...all.values()], platforms), annotations);
  const own = annotations.filter(({ type }) => type === 'index').map(({ key, value }) => [key, value]);
  const isDocker = own.length === 0 && manifests.every((one) => one.mediaType === mediaType.dockerManifest);
  const type = isDocker ? mediaType.dockerIndex : mediaType.ociIndex;
  const bytes = encodeJson({
    schemaVersion: 2,
    mediaType: type,
    manifests,
    ...(own.length > 0 ? { annotations: Object.fromEntries(own) as Record<string, string> } : {}),
  });
  return { bytes, descriptor: { mediaType: type, digest: digestOf(bytes), size: bytes.length } };
}

/** Those for the platforms, and the attestations of these. */
function chosen(entries: readonly Descriptor[], platforms: readonly Platform[]): Descriptor[] {
  if (platforms.length === 0) return [...entries];
  const wanted = platforms.map(formatPlatform);
  const kept = entries.filter(({ platform }) => platform && wanted.includes(formatPlatform(platform)));
  const missing = wanted.find((text) => !kept.some(({ platform }) => formatPlatform(platform!) === text));
  if (missing !== undefined) {
    const there = entries.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : []));
    throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `no source has an image for ${missing}`, {
      hint: `there are: ${[...new Set(there)].join(', ') || 'images without a platform'}`,
    });
  }
  const digests: string[] = kept.map(({ digest }) => digest);
  return entries.filter(
    (entry) => kept.includes(entry) || digests.includes(entry.annotations?.[about] ?? ''),
  );
}

function annotated(entries: readonly Descriptor[], list: readonly EntryAnnotation[]): Descriptor[] {
  return entries.map((entry) => {
    const own = list.filter(
      ({ type, platform }) =>
        type === 'manifest-descriptor' &&
        (platform === undefined ||
          (entry.platform && formatPlatform(entry.platform) === formatPlatform(platform))),
    );
    if (own.length === 0 || entry.annotations?.[about] !== undefined) return entry;
    return {
      ...entry,
      annotations: { ...entry.annotations, ...Object.fromEntries(own.map(({ key, value }) => [key, value])) },
    };
  });
}
