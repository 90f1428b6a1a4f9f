// `slipway push`: images of the store to registries, less what is there.
import { pushImage } from '../build/push-image.ts';
import { pushTargets } from '../build/push-targets.ts';
import { openState, type State } from '../build/state.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { ExportedImage, ExportedManifest } from '../export/image.ts';
import type { PushedImage, PushRequest } from '../image-request.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isIndex, parseManifest } from '../oci/manifest.ts';
import { formatPlatform, matchPlatform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { readStoredImage } from './catalog.ts';
import { provideSources } from './remote-members.ts';

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BLOB_NOT_FOUND, ERR_USAGE, and as a build that pushes */
export async function pushImages(
  engine: EngineOptions,
  request: PushRequest,
  call: CallOptions,
): Promise<PushedImage[]> {
  await using state = openState(engine);
  const pushed: PushedImage[] = [];
  for (const name of namesOf(state, request)) {
    const list = state.images.resolve(name);
    if (list) await provideSources(state, list);
    const image = await readStored(state, name, request);
    const layers = image.manifests.flatMap((one) => one.layers);
    await pushImage(
      { layers: layers.map((layer) => Promise.resolve(layer)), image: Promise.resolve(image) },
      { targets: pushTargets({ names: [request.destination ?? name] }, []), insecure: false },
      { state, onEvent: call.onEvent, now: Date.now },
      call.signal,
    );
    pushed.push({ name: request.destination ?? name, descriptor: image.descriptor });
    if (request.purge) await state.images.remove(name);
  }
  return pushed;
}

function namesOf(state: State, { name, allTags }: PushRequest): string[] {
  const reference = parseReference(name);
  if (!allTags) return [formatReference(reference)];
  if (name.lastIndexOf(':') > name.lastIndexOf('/')) {
    throw new SlipwayError('ERR_USAGE', `all tags are wanted, and ${name} names one`, {
      hint: 'leave out the tag, or --all-tags',
    });
  }
  const repository = `${reference.registry}/${reference.repository}:`;
  const names = state.images.list().flatMap((tag) => (tag.name.startsWith(repository) ? [tag.name] : []));
  if (names.length > 0) return names;
  throw notHere(repository.slice(0, -1));
}

function notHere(name: string): SlipwayError {
  return new SlipwayError('ERR_IMAGE_NOT_FOUND', `there is no image ${name} here`, {
    hint: 'list what there is with "slipway images"; slipway tag gives an image another name',
  });
}

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BLOB_NOT_FOUND for documents that are not stored */
async function readStored(
  state: State,
  name: string,
  { platform }: Pick<PushRequest, 'platform'>,
): Promise<ExportedImage> {
  const top = state.images.resolve(name);
  if (!top) throw notHere(name);
  if (platform) {
    const { manifests } = await readStoredImage(state.store, top);
    const found = matchPlatform(manifests, platform);
    if (found) {
      const { descriptor, manifest } = found;
      const { config, layers } = manifest;
      return { descriptor, manifests: [{ descriptor, config, layers }] };
    }
    const there = manifests.map((one) => formatPlatform(one.platform)).join(', ');
    throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${name} has no image for ${formatPlatform(platform)}`, {
      hint: `it has: ${there || 'none that is stored'}`,
    });
  }
  const documents: Documents = { manifests: new Map(), indexes: new Map() };
  await readDocuments({ state, name, documents }, top);
  const all = [...documents.manifests.values()];
  const isAttestation = ({ descriptor }: ExportedManifest): boolean =>
    descriptor.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest';
  return {
    descriptor: top,
    manifests: all.filter((one) => !isAttestation(one)),
    attestations: all.filter(isAttestation),
    indexes: [...documents.indexes.values()].filter(({ digest }) => digest !== top.digest),
  };
}

interface Documents {
  manifests: Map<Digest, ExportedManifest>;
  /** Inner ones first. */
  indexes: Map<Digest, Descriptor>;
}

interface Reading {
  state: State;
  name: string;
  documents: Documents;
}

async function readDocuments(reading: Reading, descriptor: Descriptor): Promise<void> {
  const { state, name, documents } = reading;
  const { digest } = descriptor;
  if (documents.manifests.has(digest) || documents.indexes.has(digest)) return;
  if (!(await state.store.info(digest))) {
    throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${digest} of ${name} is not here`, {
      hint: 'it is not here for all of its platforms: give --platform, or pull it with --all-platforms',
    });
  }
  const parsed = parseManifest(await state.store.read(digest), descriptor.mediaType);
  if (isIndex(parsed)) {
    for (const entry of parsed.manifests) await readDocuments(reading, entry);
    documents.indexes.set(digest, descriptor);
  } else documents.manifests.set(digest, { descriptor, config: parsed.config, layers: parsed.layers });
}
