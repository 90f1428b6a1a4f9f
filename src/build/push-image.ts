// Pushes an image while its layers are still being made: each as soon as it is known, documents last, an index after its manifests.
import { setMaxListeners } from 'node:events';
import type { ExportedImage, ExportedManifest, PendingImage } from '../export/image.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { ImmutableTagError } from '../registry/failure.ts';
import type { RegistryRepository } from '../registry/remote-repository.ts';
import { createSlots, type Slots } from '../solver/slots.ts';
import { type Destination, type Push, type PushParts, pushBlob } from './push-blob.ts';
import { createPushProgress } from './push-progress.ts';
import type { PushTarget } from './push-targets.ts';

/** Blobs that are on their way to one repository at once. */
const parallelBlobs = 6;

/**
 * What is there already is not sent: an image that was pushed before takes a question for each of its names.
 * @param to.targets repositories of one registry are filled one after the other, so that the later ones take blobs from the first
 * @throws ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_DIGEST_MISMATCH, and what made a layer fail
 */
export async function pushImage(
  pending: PendingImage,
  to: { targets: readonly PushTarget[]; insecure: boolean },
  parts: PushParts,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const shared = AbortSignal.any([signal, stop.signal]);
  // Every blob listens.
  setMaxListeners(0, shared);
  const progress = createPushProgress(to.targets, parts);
  const push: Push = { ...parts, pending, progress, stop, signal: shared };
  const groups = new Map<string, PushTarget[]>();
  for (const target of to.targets)
    groups.set(target.registry, [...(groups.get(target.registry) ?? []), target]);
  try {
    await together(
      [...groups.values()].map(async (group) => {
        const filled: string[] = [];
        for (const target of group) {
          const remote = await parts.state.registries.repository(target.name, { insecure: to.insecure });
          await pushTo(push, { target, remote, filled });
          filled.push(target.name);
        }
      }),
      stop,
    );
    progress.done();
  } catch (error) {
    progress.done(error);
    throw error;
  }
}

async function pushTo(push: Push, to: Destination): Promise<void> {
  const { pending, signal } = push;
  const { remote, target } = to;
  // Where no layer has to be made, the registry may have it all: that is asked before anything else.
  const making = pending.making?.then(() => undefined) ?? new Promise<undefined>(() => {});
  const made = await Promise.race([pending.image, making]);
  const isThere = made ? await findPushed(made, to, signal) : new Set<Digest>();
  if (made && isThere.has(made.descriptor.digest)) {
    const missing = await missingTags(made, to, signal);
    await together(
      missing.map((tag) => pushTop(push, to, made, tag)),
      push.stop,
    );
    return;
  }
  const slots = createSlots(parallelBlobs);
  const wanted = made
    ? made.manifests
        .filter(({ descriptor }) => !isThere.has(descriptor.digest))
        .flatMap(({ layers }) => layers)
    : pending.layers;
  const image = await together(
    [
      ...wanted.map(async (layer) => pushBlob(push, to, { blob: await layer, slots })),
      pending.image.then((all) => pushConfigs(push, to, { image: all, isThere, slots })),
    ],
    push.stop,
  ).then(() => pending.image);
  const children = childrenOf(image).filter(({ descriptor }) => !isThere.has(descriptor.digest));
  await together(
    children.map(({ descriptor }) => pushManifest(push, remote, descriptor)),
    push.stop,
  );
  for (const inner of image.indexes ?? []) await pushManifest(push, remote, inner);
  const tags = target.tags.length > 0 ? target.tags : [undefined];
  await together(
    tags.map((tag) => pushTop(push, to, image, tag)),
    push.stop,
  );
}

/** Manifests that an index lists; none where the image is one. */
function childrenOf({ descriptor, manifests, attestations = [] }: ExportedImage): ExportedManifest[] {
  return [...manifests, ...attestations].filter((one) => one.descriptor.digest !== descriptor.digest);
}

/** Digests of manifests that the repository has: then it has their blobs. */
async function findPushed(
  image: ExportedImage,
  { remote }: Destination,
  signal: AbortSignal,
): Promise<Set<Digest>> {
  const has = async (digest: Digest): Promise<Digest[]> =>
    (await remote.manifestDigest(digest, signal)) === digest ? [digest] : [];
  const top = await has(image.descriptor.digest);
  if (top.length > 0) return new Set(top);
  const others = await Promise.all(childrenOf(image).map(({ descriptor }) => has(descriptor.digest)));
  return new Set(others.flat());
}

async function missingTags(
  { descriptor }: ExportedImage,
  { remote, target }: Destination,
  signal: AbortSignal,
): Promise<string[]> {
  const found = await Promise.all(target.tags.map((tag) => remote.manifestDigest(tag, signal)));
  return target.tags.filter((_, index) => found[index] !== descriptor.digest);
}

async function pushConfigs(
  push: Push,
  to: Destination,
  { image, isThere, slots }: { image: ExportedImage; isThere: ReadonlySet<Digest>; slots: Slots },
): Promise<void> {
  const isNew = ({ descriptor }: ExportedManifest): boolean => !isThere.has(descriptor.digest);
  const blobs = [
    ...image.manifests.filter(isNew).map(({ config }) => config),
    ...(image.attestations ?? []).filter(isNew).flatMap(({ config, layers }) => [config, ...layers]),
  ];
  await together(
    blobs.map((blob) => pushBlob(push, to, { blob, slots })),
    push.stop,
  );
}

async function pushManifest(
  { state, progress, signal }: Push,
  remote: RegistryRepository,
  { digest, mediaType }: Descriptor,
  tag?: string,
): Promise<void> {
  const bytes = await state.store.read(digest);
  await remote.pushManifest({ bytes, mediaType, ...(tag === undefined ? {} : { tag }) }, signal);
  progress.manifest(`${remote.name}${tag === undefined ? '' : `:${tag}`}@${digest}`);
}

/** The image itself, under one of its names. */
async function pushTop(
  push: Push,
  { remote }: Destination,
  { descriptor }: ExportedImage,
  tag: string | undefined,
): Promise<void> {
  try {
    await pushManifest(push, remote, descriptor, tag);
  } catch (error) {
    const isIgnored = push.state.registries.settings.ignoreImmutableTags;
    if (!(error instanceof ImmutableTagError) || !isIgnored) throw error;
    push.onEvent({ type: 'warning', message: error.message, time: push.now() });
  }
}

/** Waits for all, so that nothing is at work when one has failed; the first failure stops the others and is thrown. */
async function together(work: readonly Promise<unknown>[], stop: AbortController): Promise<void> {
  let first: { error: unknown } | undefined;
  await Promise.all(
    work.map((one) =>
      one.catch((error: unknown) => {
        first ??= { error };
        stop.abort(error);
      }),
    ),
  );
  if (first) throw first.error;
}
