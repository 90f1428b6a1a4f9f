// Images of registries as entries of a list: their documents are stored, their layers stay where they are.
import { createRegistries } from '../build/registries.ts';
import type { State } from '../build/state.ts';
import type { EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isIndex, manifestLimit, parseManifest } from '../oci/manifest.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { readRemoteImage } from './remote-image.ts';

/** On a list's descriptor, for this store alone: which repositories hold its images, by their digests, as JSON. */
export const sourcesAnnotation = 'slipway.list.sources';

export interface RemoteMembers {
  entries: Descriptor[];
  /** `docker.io/library/app`. */
  repository: string;
}

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BAD_IMAGE, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_DIGEST_MISMATCH */
export async function readRemoteMembers(
  state: State,
  text: string,
  signal: AbortSignal,
): Promise<RemoteMembers> {
  const reference = parseReference(text);
  const repository = `${reference.registry}/${reference.repository}`;
  const remote = await state.registries.reader(repository);
  const image = await readRemoteImage(remote, reference, { platform: undefined, signal });
  const platforms = new Map<Digest, Descriptor['platform']>();
  for (const { descriptor, bytes, manifest } of image.manifests) {
    await state.store.ingest([bytes], descriptor, signal);
    const { config } = manifest;
    await state.store.ingest(
      remote.openBlob(config, signal),
      { digest: config.digest, size: config.size },
      signal,
    );
    if (image.top.descriptor.digest !== descriptor.digest) continue;
    const { os, architecture, variant } = parseConfig(await readConfig(state, config, text));
    platforms.set(descriptor.digest, { architecture, os, ...(variant ? { variant } : {}) });
  }
  for (const { descriptor, bytes } of image.indexes) await state.store.ingest([bytes], descriptor, signal);
  const { mediaType, digest, size } = image.top.descriptor;
  const top = parseManifest(image.top.bytes, mediaType);
  if (isIndex(top)) return { entries: top.manifests, repository };
  const platform = platforms.get(digest);
  return { entries: [{ mediaType, digest, size, ...(platform ? { platform } : {}) }], repository };
}

async function readConfig(state: State, { digest, size }: Descriptor, name: string): Promise<Buffer> {
  if (size <= manifestLimit) return state.store.read(digest);
  throw new SlipwayError('ERR_BAD_IMAGE', `the configuration of ${name} has ${size} bytes: that is not read`);
}

/** What a reference stands for in its registry. @throws as readRemoteMembers */
export async function readRemoteManifest(
  engine: EngineOptions,
  text: string,
  signal: AbortSignal,
): Promise<{ descriptor: Descriptor; bytes: Buffer }> {
  const reference = parseReference(text);
  const registries = createRegistries(engine);
  try {
    const remote = await registries.reader(`${reference.registry}/${reference.repository}`);
    const found = await remote.readManifest(reference.digest ?? reference.tag!, signal);
    if (found) {
      const { bytes, mediaType, digest } = found;
      return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
    }
  } finally {
    await registries.close();
  }
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${text} is neither here nor in ${reference.registry}`, {
    hint: 'list what is here with "slipway images", and what a repository has with "slipway tags"',
  });
}

/** What a list's descriptor says of where its images are. */
export function sourcesOf({ annotations }: Descriptor): Record<string, string> {
  try {
    const value: unknown = JSON.parse(annotations?.[sourcesAnnotation] ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, string>) : {};
  } catch {
    return {};
  }
}

/** Lets layers of a list's images be fetched, or mounted, from where the images are. */
export async function provideSources(state: State, list: Descriptor): Promise<void> {
  const repositories = sourcesOf(list);
  for (const [digest, repository] of Object.entries(repositories)) {
    const bytes = await state.store.read(digest as Digest);
    const manifest = parseManifest(bytes);
    if (isIndex(manifest)) continue;
    const remote = await state.registries.reader(repository);
    const config = await state.store.read(manifest.config.digest);
    state.provide(
      {
        name: formatReference({ ...parseReference(repository), digest: digest as Digest }),
        descriptor: { mediaType: manifest.mediaType, digest: digest as Digest, size: bytes.length },
        resolved: digest as Digest,
        manifest,
        config: parseConfig(config),
        raw: { manifest: bytes, config },
        blob: (blob, signal) => remote.openBlob(blob, signal),
      },
      repository,
    );
  }
}
