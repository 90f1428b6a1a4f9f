// A layer as eStargz: another tar than its own, made in one pass and remembered under the layer that it was made of.
import type { DiffID } from '../oci/digest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { Layer } from '../seams.ts';
import { type ExportedLayer, type ExportLayerParts, epochName, type LayerWish } from './export-layer.ts';

/** The layer as a stored blob: found, or made. */
export async function exportEstargz(
  layer: Layer,
  wish: LayerWish,
  { parts, signal }: { parts: ExportLayerParts; signal: AbortSignal },
): Promise<ExportedLayer> {
  const { epoch, level } = wish;
  const how = `estargz ${level ?? 'default'}`;
  const name = epoch === undefined ? how : `${epochName(wish)} ${how}`;
  const find = async (): Promise<ExportedLayer | undefined> => {
    const diffID = (await parts.forms(layer.diffID)).made?.[name] as DiffID | undefined;
    if (diffID === undefined) return undefined;
    const { blobs, made } = await parts.forms(diffID);
    const blob = blobs.find(({ digest }) => digest === made?.[how]);
    return blob && (await parts.store.info(blob.digest)) ? { diffID, blob } : undefined;
  };
  const found = await find();
  if (found) return found;
  return parts.exclusive(`export ${layer.diffID} ${name}`, signal, async () => {
    const other = await find();
    if (other) return other;
    using _slot = await parts.slots.take(signal);
    const tar = parts.openLayer(layer, signal);
    const clamped = epoch === undefined ? tar : parts.clampTimes(tar, epoch, wish.allTimes === true);
    const { chunks, result } = await parts.estargz(clamped, { level, signal });
    const stored = await parts.store.ingest(chunks, undefined, signal);
    const { diffID, size, annotations } = result();
    const blob = { mediaType: mediaType.ociLayerGzip, ...stored, annotations };
    await parts.remember(diffID, { size, blob, made: { [how]: blob.digest } });
    await parts.remember(layer.diffID, { made: { [name]: diffID } });
    return { diffID, blob };
  });
}
