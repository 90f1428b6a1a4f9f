// An image that is looked into, wherever it is: in the store, in an archive, in a layout, or in a registry.
import { existsSync } from 'node:fs';
import { thisPlatform } from '../build/plan-build.ts';
import { createImageResolver } from '../build/resolve-image.ts';
import { openState, type State } from '../build/state.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { ImageConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { ContentStore } from '../seams.ts';
import { readCatalog, readStoredImage, type StoredImage, type StoredManifest } from './catalog.ts';
import { chooseManifest } from './choose-manifest.ts';
import { ensureLayers } from './ensure-layers.ts';
import { findImage } from './find-image.ts';
import { openStore } from './open-store.ts';

export interface InspectedImage {
  /** As it was asked for. */
  name: string;
  /** Of the config. */
  id: Digest;
  manifest: Digest;
  platform: string;
  config: ImageConfig;
  /** As they are stored, the lowest first. */
  layers: Descriptor[];
  /** The tar of a layer, verified. */
  open(layer: number, signal: AbortSignal): AsyncIterable<Buffer>;
}

export interface OpenImageRequest {
  /** A name or ID; `oci-archive:PATH[:TAG]`, `docker-archive:`, `oci:`, `oci-layout://`; `docker-image://NAME`, which may be fetched. */
  image: string;
  platform: Platform | undefined;
  cwd: string;
}

interface OpenImageParts {
  engine: EngineOptions;
  state: State;
  /** Gets what has to be closed again. */
  hold(resource: AsyncDisposable): void;
  call: CallOptions;
}

export interface ImageOpener extends AsyncDisposable {
  /** Where builds left their notes. */
  root: string;
  /** Can be read until the opener is disposed of. @throws as openInspectedImage */
  open(request: OpenImageRequest): Promise<InspectedImage>;
}

/** Opens images, and closes in the end what they needed. */
export function createImageOpener(engine: EngineOptions, call: CallOptions): ImageOpener {
  const state = openState(engine);
  const held: AsyncDisposable[] = [];
  const hold = (resource: AsyncDisposable): void => void held.push(resource);
  return {
    root: state.root,
    open: (request) => openInspectedImage(request, { engine, state, call, hold }),
    async [Symbol.asyncDispose]() {
      for (const one of held.reverse()) await one[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
    },
  };
}

const fileForm = /^(?:(?:oci|docker)-archive:|oci:|(?:oci|docker)-dir:|oci-layout:\/\/)(.+)$/s;

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BLOB_NOT_FOUND, ERR_BAD_IMAGE, ERR_BAD_ARCHIVE, what fetching throws; ERR_USAGE for an archive of several */
async function openInspectedImage(request: OpenImageRequest, parts: OpenImageParts): Promise<InspectedImage> {
  const { image } = request;
  const [, path] = fileForm.exec(image) ?? [];
  if (path !== undefined) {
    const { openArchive } = await import('./inspected-archive.ts');
    const { chosen, open } = await openArchive(path, request, { ...parts, signal: parts.call.signal });
    return inspected(image, chosen, open);
  }
  if (image.startsWith('docker-image://'))
    return openRemote(image.slice('docker-image://'.length), request, parts);
  return openStored(request, parts);
}

async function openStored(
  { image: name, platform }: OpenImageRequest,
  parts: OpenImageParts,
): Promise<InspectedImage> {
  const { engine, state, call } = parts;
  const { image } = findHere(await readCatalog(openStore(engine)), name);
  const held = { ...(await readStoredImage(state.store, image.descriptor)), names: image.names };
  const chosen = chooseManifest(held, name, platform);
  if (!(await hasTars(chosen, state.store))) await ensureLayers(held, [chosen], { engine, state, call });
  return inspected(name, chosen, (layer, signal) =>
    state.openLayer(
      {
        diffID: chosen.config.rootfs.diff_ids[layer]!,
        size: undefined,
        blobs: [chosen.manifest.layers[layer]!],
      },
      signal,
    ),
  );
}

/** The uncompressed forms are enough to look at. */
async function hasTars({ config }: StoredManifest, store: ContentStore): Promise<boolean> {
  for (const diffID of config.rootfs.diff_ids)
    if (!(await store.info(diffID as string as Digest))) return false;
  return true;
}

function findHere(images: readonly StoredImage[], name: string): ReturnType<typeof findImage> {
  try {
    return findImage(images, name);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'ERR_IMAGE_NOT_FOUND') throw error;
    throw new SlipwayError('ERR_IMAGE_NOT_FOUND', error.message, {
      hint: existsSync(name)
        ? `a file is named by what it is: oci-archive:${name}, docker-archive:${name}, oci:FOLDER`
        : `list what there is with "slipway images", or have it fetched: docker-image://${name}`,
    });
  }
}

function inspected(
  name: string,
  {
    manifest,
    config,
    descriptor,
    platform,
  }: Pick<StoredManifest, 'manifest' | 'config' | 'descriptor' | 'platform'>,
  open: InspectedImage['open'],
): InspectedImage {
  const { layers } = manifest;
  if (layers.length !== config.rootfs.diff_ids.length)
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      `${name} has ${layers.length} layers, and its config names others`,
    );
  return {
    ...{ name, id: manifest.config.digest, manifest: descriptor.digest, platform: formatPlatform(platform) },
    ...{ config, layers, open },
  };
}

async function openRemote(
  text: string,
  { platform = thisPlatform(), cwd, image }: OpenImageRequest,
  { state, call }: OpenImageParts,
): Promise<InspectedImage> {
  const reference = formatReference(parseReference(text));
  const images = createImageResolver(state, { pull: false, cwd, onEvent: call.onEvent, now: Date.now });
  const found = await images.resolve(
    { type: 'image', origin: { kind: 'registry', reference }, platform },
    call.signal,
  );
  const { config, manifest, descriptor } = found;
  const own = { os: config.os, architecture: config.architecture };
  const chosen = {
    config,
    descriptor,
    platform: own,
    manifest: { schemaVersion: 2, mediaType: '', ...manifest } as const,
  };
  return inspected(image, chosen, (layer, signal) =>
    state.openLayer(
      { diffID: config.rootfs.diff_ids[layer]!, size: undefined, blobs: [manifest.layers[layer]!] },
      signal,
    ),
  );
}
