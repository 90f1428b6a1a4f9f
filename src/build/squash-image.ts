// --squash: what a build adds to its base image as one layer. The steps and their records are none the wiser.
import { squashLayers } from '../layer/squash.ts';
import type { HistoryEntry, ImageConfig } from '../oci/config.ts';
import { type DiffID, type Digest, digestOf, digestOfJson } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import type { Layer } from '../seams.ts';
import { baseCount, isUsable, type SolvedImage } from './solve-platform.ts';
import type { State } from './state.ts';

/**
 * The same image with one layer on top of its base, or with one layer alone; made once for a stack of layers. Unchanged where
 * there is one already.
 */
export async function squashImage(
  image: SolvedImage,
  what: 'own' | 'all',
  { state, signal }: { state: State; signal: AbortSignal },
): Promise<SolvedImage> {
  const base = image.layers.slice(0, what === 'all' ? 0 : baseCount(image));
  const own = image.layers.slice(base.length);
  const top = own.at(-1);
  if (top === undefined || own.length === 1) return image;
  const how = `squash ${digestOfJson([base, own].map((layers) => layers.map(({ diffID }) => diffID)))}`;
  const find = async (): Promise<Layer | undefined> => {
    const diffID = (await state.layers.forms(top.diffID)).made?.[how] as DiffID | undefined;
    if (diffID === undefined || !(await isUsable(state, { diffID }))) return undefined;
    const { size } = await state.layers.forms(diffID);
    return { diffID, size, blobs: [] };
  };
  const layer =
    (await find()) ??
    (await state.cache.exclusive(`${how} ${top.diffID}`, signal, async () => {
      const other = await find();
      if (other) return other;
      const tar = squashLayers({
        layers: own.map((one) => () => state.openLayer(one, signal)),
        below: async () => (await (await state.snapshotter()).view(base, signal)).tree,
        signal,
      });
      const { digest, size } = await state.store.ingest(tar, undefined, signal);
      const diffID = digest as string as DiffID;
      await state.layers.add(diffID, { size });
      await state.layers.add(top.diffID, { made: { [how]: diffID } });
      return { diffID, size, blobs: [] };
    }));
  const layers = [...base, layer];
  return { ...image, layers, steps: image.layers, config: squashedConfig(image, layers, what) };
}

/** As docker writes it: the steps are told of without their layers, the last entry of the merge. */
function squashedConfig(
  { config, base }: SolvedImage,
  layers: readonly Layer[],
  what: 'own' | 'all',
): ImageConfig {
  const kept = what === 'all' ? 0 : (base?.history?.length ?? 0);
  const steps = (config.history ?? []).map((entry, index) =>
    index < kept ? entry : { ...entry, empty_layer: true },
  );
  const id: Digest = digestOf(encodeJson(config));
  const merge: HistoryEntry = {
    ...(config.created === undefined ? {} : { created: config.created }),
    comment: kept > 0 ? `merge ${id}` : `create new from ${id}`,
  };
  return {
    ...config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffID }) => diffID) },
    history: [...steps, merge],
  };
}
