// `import`: the files of a tar as an image of one layer.
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { thisPlatform } from '../build/plan-build.ts';
import { openState } from '../build/state.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError, systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import type { ImportRequest, LoadedImage } from '../image-request.ts';
import { decompress } from '../layer/decompress.ts';
import { indexLayer } from '../layer/index-layer.ts';
import { createUnpackCounter } from '../layer/unpack-limits.ts';
import type { ImageConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { DiffID } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { BlobInfo, ContentStore } from '../seams.ts';
import { changedConfig } from './change-config.ts';
import { createIncomingBlobs } from './incoming-blobs.ts';

/** @throws ERR_BAD_ARCHIVE, ERR_BAD_REFERENCE, ERR_USAGE for a change, ERR_SOURCE_NOT_FOUND */
export async function importImage(
  engine: EngineOptions,
  request: ImportRequest,
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<LoadedImage> {
  const platform = request.platform ?? thisPlatform();
  const name = request.name === undefined ? undefined : checkName(request.name);
  const own = changedConfig(request.changes, platform);
  await using state = openState(engine);
  await using incoming = await createIncomingBlobs(state);
  const { store } = incoming;
  const counter = createUnpackCounter(state.budget);
  const layer = await store.ingest(decompress(openSource(request), signal, counter), undefined, signal);
  // Whoever unpacks it later must not be the first to find that it is no tar.
  const entries = await indexLayer(store.open(layer.digest), signal, state.budget.limits);
  if (entries.length === 0 && layer.size === 0)
    throw new SlipwayError('ERR_BAD_ARCHIVE', 'there is nothing to import', { hint: 'give it a tar' });
  const created = new Date().toISOString();
  const { os, architecture, variant } = platform;
  const config: ImageConfig = {
    created,
    ...{ architecture, ...(variant ? { variant } : {}), os },
    config: own,
    rootfs: { type: 'layers', diff_ids: [layer.digest as string as DiffID] },
    history: [{ created, comment: request.message }],
  };
  const made = await storeImage(config, layer, store);
  await incoming.accept([layer.digest, made.config.digest, made.manifest.digest]);
  await state.layers.add(layer.digest as string as DiffID, { size: layer.size });
  const descriptor: Descriptor = {
    ...made.manifest,
    platform: { architecture, os, ...(variant ? { variant } : {}) },
  };
  if (name === undefined) await state.images.keep(descriptor);
  else await state.images.tag(name, descriptor);
  return { name, id: made.config.digest, descriptor };
}

function checkName(text: string): string {
  const reference = parseReference(text);
  if (reference.digest === undefined) return formatReference(reference);
  throw new SlipwayError('ERR_USAGE', `${text} has a digest: that can't be chosen`, {
    hint: 'give a name and a tag',
  });
}

async function* openSource({ source, cwd }: ImportRequest): AsyncGenerator<Uint8Array> {
  if ('stream' in source) {
    yield* source.stream;
    return;
  }
  const path = resolve(cwd, source.path);
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 });
  } catch (error) {
    if (!['ENOENT', 'EISDIR'].includes(systemCode(error) ?? '')) throw diskError(error, `reading ${path}`);
    throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `there is no file ${path}`, {
      hint: 'name a tar, or - for standard input',
    });
  }
}

async function storeImage(
  config: ImageConfig,
  layer: BlobInfo,
  store: ContentStore,
): Promise<{ config: Descriptor; manifest: Descriptor }> {
  const stored: Descriptor = {
    mediaType: mediaType.ociConfig,
    ...(await store.ingest([encodeJson(config)])),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: stored,
    layers: [{ mediaType: mediaType.ociLayer, ...layer }],
  };
  return {
    config: stored,
    manifest: { mediaType: mediaType.ociManifest, ...(await store.ingest([encodeJson(manifest)])) },
  };
}
