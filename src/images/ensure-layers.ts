// Layers of an image that are not stored yet: fetched from where the image, or the one that it was built on, came from.
import { createImageResolver } from '../build/resolve-image.ts';
import type { State } from '../build/state.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parsePlatform } from '../oci/platform.ts';
import type { StoredImage, StoredManifest } from './catalog.ts';
import { takeInventory } from './inventory.ts';

export interface EnsureParts {
  engine: EngineOptions;
  state: State;
  call: CallOptions;
}

/** @throws ERR_BLOB_NOT_FOUND, and what fetching throws. */
export async function ensureLayers(
  { names }: Pick<StoredImage, 'names'>,
  manifests: readonly StoredManifest[],
  parts: EnsureParts,
): Promise<void> {
  const { state, call } = parts;
  for (const { manifest, platform } of manifests) {
    const missing: Descriptor[] = [];
    for (const blob of manifest.layers) if (!(await state.store.info(blob.digest))) missing.push(blob);
    if (missing.length === 0) continue;
    await provide(missing, { names, platform }, parts);
    for (const blob of missing)
      await state.store.ingest(fetched(blob, state, call.signal), blob, call.signal);
  }
}

async function* fetched(blob: Descriptor, state: State, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* state.fetch(blob, signal);
}

/** Tells the state who may have the blobs: base images that list them, then the image's own names. */
async function provide(
  missing: readonly Descriptor[],
  image: Pick<StoredImage, 'names'> & Pick<StoredManifest, 'platform'>,
  { state, call }: EnsureParts,
): Promise<void> {
  const { signal, onEvent } = call;
  const images = createImageResolver(state, { pull: false, cwd: '/', onEvent, now: Date.now });
  const wanted = new Set(missing.map(({ digest }) => digest));
  const { bases } = await takeInventory(state);
  const own = image.names.map((reference) => ({ reference, platform: image.platform }));
  // Last: whoever provides a blob later is asked for it.
  const candidates = [
    ...own,
    ...bases
      .filter((base) =>
        base.image.manifests.some(({ manifest }) => manifest.layers.some(({ digest }) => wanted.has(digest))),
      )
      .map((base) => platformed(base.reference)),
  ];
  let failure: unknown;
  for (const { reference, platform } of candidates) {
    try {
      await images.resolve({ type: 'image', origin: { kind: 'registry', reference }, platform }, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  if (candidates.length > 0 && failure === undefined) return;
  if (candidates.length > own.length) return;
  throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${missing[0]!.digest} is not in the store`, {
    hint: 'it is not known where it can be fetched: pull or build the image again',
    cause: failure,
  });
}

/** Of a resolution's key: `docker.io/library/app:1 linux/amd64`. */
function platformed(key: string): { reference: string; platform: StoredManifest['platform'] } {
  const [reference = '', platform = ''] = key.split(' ');
  return { reference, platform: parsePlatform(platform, { os: 'linux', architecture: 'amd64' }) };
}
