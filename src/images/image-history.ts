// `history`: the steps that an image remembers, with what each added.
import type { EngineOptions } from '../engine.ts';
import type { ImageHistory, LayerHistory } from '../image-request.ts';
import type { Platform } from '../oci/platform.ts';
import { readCatalog } from './catalog.ts';
import { chooseManifest } from './choose-manifest.ts';
import { findImage } from './find-image.ts';
import { layerSize } from './image-facts.ts';
import { openStore } from './open-store.ts';

/** Layers that the history does not speak of come first, as entries without words. @throws ERR_IMAGE_NOT_FOUND, ERR_USAGE */
export async function imageHistory(
  engine: EngineOptions,
  name: string,
  platform: Platform | undefined,
): Promise<ImageHistory> {
  const state = openStore(engine);
  const { image } = findImage(await readCatalog(state), name);
  const chosen = chooseManifest(image, name, platform);
  const told = chosen.config.history ?? [];
  const count = chosen.manifest.layers.length;
  const silent = Math.max(0, count - told.filter((entry) => !entry.empty_layer).length);
  const all = [...Array.from({ length: silent }, () => ({})), ...told] as typeof told;
  const entries: LayerHistory[] = [];
  let layer = 0;
  for (const { created, created_by, comment, empty_layer } of all) {
    const empty = empty_layer === true || layer >= count;
    entries.push({
      created,
      createdBy: created_by ?? '',
      comment: comment ?? '',
      size: empty ? 0 : await layerSize(state, chosen, layer++),
      empty,
    });
  }
  return { id: image.id, names: image.names, entries: entries.reverse() };
}
