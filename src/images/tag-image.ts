// `tag`: one more name for an image of the store.
import { openState } from '../build/state.ts';
import type { EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { parseReference } from '../oci/reference.ts';
import { readCatalog } from './catalog.ts';
import { findImage } from './find-image.ts';
import { openStore } from './open-store.ts';

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BAD_REFERENCE, ERR_USAGE */
export async function tagImage(engine: EngineOptions, source: string, target: string): Promise<void> {
  if (parseReference(target).digest !== undefined) {
    throw new SlipwayError('ERR_USAGE', `${target} has a digest: that can't be chosen`, {
      hint: 'give a name and a tag',
    });
  }
  const { image } = findImage(await readCatalog(openStore(engine)), source);
  await using state = openState(engine);
  await state.images.tag(target, image.descriptor);
}
