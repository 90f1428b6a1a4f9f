// `inspect`: all that is known of images of the store.
import type { EngineOptions } from '../engine.ts';
import type { ImageDetails } from '../image-request.ts';
import type { Platform } from '../oci/platform.ts';
import { readCatalog } from './catalog.ts';
import { chooseManifest } from './choose-manifest.ts';
import { findImage } from './find-image.ts';
import { summarize } from './image-facts.ts';
import { openStore } from './open-store.ts';

/** In the order of the names. @throws ERR_IMAGE_NOT_FOUND, ERR_USAGE, ERR_BLOB_NOT_FOUND */
export async function inspectImages(
  engine: EngineOptions,
  names: readonly string[],
  platform: Platform | undefined,
): Promise<ImageDetails[]> {
  const state = openStore(engine);
  const all = await readCatalog(state);
  const details: ImageDetails[] = [];
  for (const name of names) {
    const { image } = findImage(all, name);
    const chosen = chooseManifest(image, name, platform);
    const summary = await summarize(state, image);
    details.push({
      ...summary,
      config: chosen.config,
      platform: chosen.platform,
      manifest: chosen.descriptor,
    });
  }
  return details;
}
