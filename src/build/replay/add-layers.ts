// What the images of a replay hold, once their builds are done and measured.
import { SlipwayError } from '../../errors.ts';
import type { LayersReport } from '../../inspect/layers-report.ts';
import type { ReplayResult } from '../../replay/replay-result.ts';
import type { Rebuilder, RebuiltImage } from './rebuilder.ts';

export type ReadLayers = (image: RebuiltImage, signal: AbortSignal) => Promise<LayersReport>;

/** Of an image that can't be read, what was known before stays. @throws the signal's reason */
export async function addLayers(
  { variants }: ReplayResult,
  rebuilder: Pick<Rebuilder, 'image'>,
  { readLayers, signal }: { readLayers: ReadLayers; signal: AbortSignal },
): Promise<void> {
  for (const [at, variant] of variants.entries()) {
    const image = rebuilder.image?.(at);
    if (image === undefined) continue;
    try {
      variant.layers = await readLayers(image, signal);
    } catch (error) {
      signal.throwIfAborted();
      // The figures of all builds are worth more than this one: a replay does not fail for it.
      if (!(error instanceof SlipwayError)) throw error;
    }
  }
}
