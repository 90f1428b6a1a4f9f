// What is said of a stored image: sizes, times, labels.
import type { ImageSummary } from '../image-request.ts';
import type { DiffID, Digest } from '../oci/digest.ts';
import type { StoredImage, StoredManifest } from './catalog.ts';
import type { OpenStore } from './open-store.ts';

/** Bytes of a layer, unpacked where that is known. */
export async function layerSize(
  { store, layers }: Pick<OpenStore, 'store' | 'layers'>,
  { manifest, config }: StoredManifest,
  index: number,
): Promise<number> {
  const diffID = config.rootfs.diff_ids[index]! as DiffID;
  const blob = manifest.layers[index]!;
  if ((blob.digest as string) === diffID) return blob.size;
  const known = (await layers.forms(diffID)).size;
  if (known !== undefined) return known;
  return (await store.info(diffID as string as Digest))?.size ?? blob.size;
}

/** The newest of its platforms; ISO 8601. */
function createdOf({ manifests }: StoredImage): string | undefined {
  return manifests
    .flatMap(({ config }) => config.created ?? [])
    .sort()
    .at(-1);
}

/** Milliseconds since 1970; 0 where the image does not tell. */
export function createdTime(image: StoredImage): number {
  const time = Date.parse(createdOf(image) ?? '');
  return Number.isNaN(time) ? 0 : time;
}

export function labelsOf({ manifests }: StoredImage): Record<string, string> {
  return manifests[0]?.config.config?.Labels ?? {};
}

/** @param wanted `key`, `key=value`. */
export function hasLabels(labels: Record<string, string>, wanted: readonly string[]): boolean {
  return wanted.every((text) => {
    const equals = text.indexOf('=');
    const key = equals < 0 ? text : text.slice(0, equals);
    return Object.hasOwn(labels, key) && (equals < 0 || labels[key] === text.slice(equals + 1));
  });
}

export async function summarize(
  state: Pick<OpenStore, 'store' | 'layers'>,
  image: StoredImage,
): Promise<ImageSummary> {
  const sizes = new Map<string, number>();
  for (const one of image.manifests)
    for (const [index, diffID] of one.config.rootfs.diff_ids.entries())
      if (!sizes.has(diffID)) sizes.set(diffID, await layerSize(state, one, index));
  return {
    id: image.id,
    descriptor: image.descriptor,
    names: image.names,
    created: createdOf(image),
    size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    labels: labelsOf(image),
    platforms: image.manifests.map(({ platform }) => platform),
  };
}
