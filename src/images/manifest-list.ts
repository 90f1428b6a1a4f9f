// `manifest`: lists of images for several platforms, put together from images of the store and of registries.
import { openState, type State } from '../build/state.ts';
import type { EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { ListAnnotation } from '../image-request.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { encodeJson, type Index, isIndex, parseManifest } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { readCatalog } from './catalog.ts';
import { findImage, findOrNothing } from './find-image.ts';
import { openStore } from './open-store.ts';
import {
  type RemoteMembers,
  readRemoteManifest,
  readRemoteMembers,
  sourcesAnnotation,
  sourcesOf,
} from './remote-members.ts';

/** @throws ERR_IMAGE_NOT_FOUND; ERR_USAGE for a list that is there already, unless it is amended */
export async function createManifestList(
  engine: EngineOptions,
  request: { list: string; images: string[]; amend: boolean },
  signal: AbortSignal,
): Promise<Digest> {
  const name = formatReference(parseReference(request.list));
  await using state = openState(engine);
  await findForCreate(state, name, request);
  const added: Members[] = [];
  for (const image of request.images) added.push(await findMembers(engine, state, { image, signal }));
  return alone(state, name, signal, async () => {
    const known = await findForCreate(state, name, request);
    const entries = known?.index.manifests ?? [];
    const sources = known ? sourcesOf(known.descriptor) : {};
    for (const entry of added.flatMap((members) => members.entries)) {
      const at = entries.findIndex(({ digest }) => digest === entry.digest);
      if (at < 0) entries.push(entry);
      else entries[at] = entry;
    }
    for (const { entries: own, repository } of added)
      if (repository !== undefined) for (const { digest } of own) sources[digest] = repository;
    const { mediaType: type = mediaType.ociIndex, ...rest } = known?.index ?? {};
    const index: Index = { ...rest, schemaVersion: 2, mediaType: type, manifests: entries };
    return storeList(state, name, { index, sources }, known);
  });
}

async function findForCreate(
  state: State,
  name: string,
  request: { list: string; amend: boolean },
): Promise<KnownList | undefined> {
  const known = await findList(state, name);
  if (!known || request.amend) return known;
  throw new SlipwayError('ERR_USAGE', `there is a list ${request.list} already`, {
    hint: 'give --amend to add to it, or remove it with "slipway manifest rm"',
  });
}

/** What two processes add to one list is in it then, whoever comes first. */
function alone<T>(state: State, name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return state.cache.exclusive(`manifest list ${name}`, signal, work);
}

type Members = Partial<RemoteMembers> & Pick<RemoteMembers, 'entries'>;

/** An image of the store, or else of a registry. */
async function findMembers(
  engine: EngineOptions,
  state: State,
  { image, signal }: { image: string; signal: AbortSignal },
): Promise<Members> {
  const isHere = findOrNothing(await readCatalog(openStore(engine)), image) !== undefined;
  return isHere ? { entries: await membersOf(engine, image) } : readRemoteMembers(state, image, signal);
}

/** Changes what the list says of one of its images. @throws ERR_IMAGE_NOT_FOUND */
export async function annotateManifestList(
  engine: EngineOptions,
  request: { list: string; image: string; annotation: ListAnnotation },
): Promise<Digest> {
  const name = formatReference(parseReference(request.list));
  await using state = openState(engine);
  await mustFindList(state, name, request.list);
  const digests = await digestsOf(engine, request.image);
  return alone(state, name, new AbortController().signal, async () => {
    const known = await mustFindList(state, name, request.list);
    const hit = known.index.manifests.filter(({ digest }) => digests.includes(digest));
    if (hit.length === 0) {
      throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${request.list} does not list ${request.image}`, {
        hint: `it lists: ${known.index.manifests.map(({ digest }) => digest).join(', ') || 'nothing'}`,
      });
    }
    const manifests = known.index.manifests.map((entry) =>
      hit.includes(entry) ? annotated(entry, request.annotation) : entry,
    );
    const index = { ...known.index, manifests };
    return storeList(state, name, { index, sources: sourcesOf(known.descriptor) }, known);
  });
}

/** The list, or the manifest of an image: its own bytes. @throws ERR_IMAGE_NOT_FOUND */
export async function inspectManifest(
  engine: EngineOptions,
  name: string,
  signal: AbortSignal,
): Promise<{ descriptor: Descriptor; bytes: Buffer }> {
  const store = openStore(engine);
  const found = findOrNothing(await readCatalog(store), name);
  if (!found) return readRemoteManifest(engine, name, signal);
  const { image } = found;
  return { descriptor: image.descriptor, bytes: await store.store.read(image.descriptor.digest) };
}

/** Removes lists; the images in them stay. Returns their names in full. @throws ERR_IMAGE_NOT_FOUND, before any is removed */
export async function removeManifestLists(
  engine: EngineOptions,
  lists: readonly string[],
): Promise<string[]> {
  await using state = openState(engine);
  const names = lists.map((list) => formatReference(parseReference(list)));
  const found: KnownList[] = [];
  for (const [at, name] of names.entries()) found.push(await mustFindList(state, name, lists[at]!));
  for (const [at, name] of names.entries()) {
    await state.images.remove(name);
    await state.images.forget(found[at]!.descriptor.digest);
  }
  return names;
}

interface KnownList {
  descriptor: Descriptor;
  index: Index;
}

async function findList(state: State, name: string): Promise<KnownList | undefined> {
  const descriptor = state.images.resolve(name);
  if (!descriptor) return undefined;
  const index = parseManifest(await state.store.read(descriptor.digest), descriptor.mediaType);
  if (isIndex(index)) return { descriptor, index };
  throw new SlipwayError('ERR_USAGE', `${name} is an image, and no list of them`, {
    hint: 'choose another name for the list',
  });
}

async function mustFindList(state: State, name: string, asGiven: string): Promise<KnownList> {
  const known = await findList(state, name);
  if (known) return known;
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `there is no list ${asGiven} here`, {
    hint: `make it with "slipway manifest create ${asGiven} IMAGE…"`,
  });
}

/** What a list says of an image of the store: an entry for each of its manifests, attestations included. */
async function membersOf(engine: EngineOptions, text: string): Promise<Descriptor[]> {
  const store = openStore(engine);
  const { image } = findImage(await readCatalog(store), text);
  if (!image.isIndex) {
    const [only] = image.manifests;
    const { annotations: _annotations, ...descriptor } = image.descriptor;
    return [{ ...descriptor, ...(only ? { platform: only.platform } : {}) }];
  }
  const index = parseManifest(await store.store.read(image.descriptor.digest), image.descriptor.mediaType);
  return isIndex(index) ? index.manifests : [];
}

/** By name or ID of an image, or by the digest of an entry. */
async function digestsOf(engine: EngineOptions, text: string): Promise<Digest[]> {
  const digest = /(?:^|@)(sha256:[0-9a-f]{64})$/.exec(text)?.[1] as Digest | undefined;
  if (digest !== undefined) return [digest];
  return (await membersOf(engine, text)).map((entry) => entry.digest);
}

function annotated(entry: Descriptor, wish: ListAnnotation): Descriptor {
  const platform = {
    ...entry.platform,
    architecture: wish.architecture ?? entry.platform?.architecture ?? '',
    os: wish.os ?? entry.platform?.os ?? '',
    ...(wish.variant === undefined ? {} : { variant: wish.variant }),
    ...(wish.osVersion === undefined ? {} : { 'os.version': wish.osVersion }),
    ...(wish.osFeatures === undefined ? {} : { 'os.features': wish.osFeatures }),
  };
  const annotations = { ...entry.annotations, ...wish.annotations };
  return { ...entry, platform, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
}

/** The list as it was is nobody's then. */
async function storeList(
  state: State,
  name: string,
  { index, sources }: { index: Index; sources: Record<string, string> },
  before: KnownList | undefined,
): Promise<Digest> {
  const stored = await state.store.ingest([encodeJson(index)]);
  const annotations = { [sourcesAnnotation]: JSON.stringify(sources) };
  const descriptor = { mediaType: index.mediaType, ...stored };
  await state.images.tag(name, Object.keys(sources).length > 0 ? { ...descriptor, annotations } : descriptor);
  if (before && before.descriptor.digest !== stored.digest)
    await state.images.forget(before.descriptor.digest);
  return stored.digest;
}
