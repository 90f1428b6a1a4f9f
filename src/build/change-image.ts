// What is changed of an image after its steps are done, as a vertex of the progress where it takes time.
import type { ImageChanges } from '../build-request.ts';
import type { ImageConfig } from '../oci/config.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { OnEvent } from '../solver/events.ts';
import type { SolvedImage } from './solve-platform.ts';
import { squashImage } from './squash-image.ts';
import type { State } from './state.ts';

export interface ChangeParts {
  state: State;
  signal: AbortSignal;
  onEvent: OnEvent;
  now(): number;
}

export async function changeImages(
  images: readonly SolvedImage[],
  changes: ImageChanges,
  parts: ChangeParts,
): Promise<SolvedImage[]> {
  return Promise.all(
    images.map(async (image) => {
      const one = await squashed(image, changes.squash, parts);
      return { ...one, config: changedConfig(one.config, changes) };
    }),
  );
}

/** Fields stay where they are. */
function changedConfig(config: ImageConfig, changes: ImageChanges): ImageConfig {
  const { omitHistory, unsetEnv = [], unsetLabels = [] } = changes;
  const container = { ...config.config };
  const Env = container.Env?.filter((variable) => !unsetEnv.includes(variable.replace(/=.*$/s, '')));
  const labels = Object.entries(container.Labels ?? {}).filter(([key]) => !unsetLabels.includes(key));
  if (Env && Env.length > 0) container.Env = Env;
  else delete container.Env;
  if (labels.length > 0) container.Labels = Object.fromEntries(labels);
  else delete container.Labels;
  const changed = { ...config, config: container };
  if (omitHistory) delete changed.history;
  return changed;
}

async function squashed(
  image: SolvedImage,
  what: ImageChanges['squash'],
  { state, signal, onEvent, now }: ChangeParts,
): Promise<SolvedImage> {
  if (what === undefined) return image;
  const platform = formatPlatform(image.platform);
  const id = `squash ${platform}`;
  const name = `[${platform}] squashing layers`;
  onEvent({ type: 'started', vertex: { id, name, platforms: [platform] }, time: now() });
  try {
    const result = await squashImage(image, what, { state, signal });
    onEvent({ type: 'done', id, time: now() });
    return result;
  } catch (error) {
    onEvent({ type: 'done', id, error: (error as Error).message, time: now() });
    throw error;
  }
}
