// Layers are pulled when something needs them: shows it as a vertex for each image, with an item for each layer.
import type { Descriptor } from '../oci/descriptor.ts';
import type { SourceImage } from '../seams.ts';
import type { OnEvent } from '../solver/events.ts';

export interface PullProgressOptions {
  onEvent: OnEvent;
  now(): number;
}

/** Milliseconds between two events of one layer. */
const interval = 100;

/** The same image; streaming its layers is told. */
export function withPullProgress<T extends Pick<SourceImage, 'name' | 'blob'>>(
  image: T,
  options: PullProgressOptions,
): T {
  const { onEvent, now } = options;
  let active = 0;
  let times = 0;
  const id = (): string => `pull ${image.name} ${times}`;

  async function* blob(descriptor: Descriptor, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (active++ === 0) {
      times++;
      onEvent({ type: 'started', vertex: { id: id(), name: `[internal] pull ${image.name}` }, time: now() });
    }
    const { digest: item, size: total } = descriptor;
    let current = 0;
    let told = now();
    let failure: string | undefined = 'canceled';
    try {
      for await (const chunk of image.blob(descriptor, signal)) {
        current += chunk.length;
        if (now() - told >= interval) {
          told = now();
          onEvent({ type: 'progress', id: id(), item, current, total, done: false, time: told });
        }
        yield chunk;
      }
      failure = undefined;
      onEvent({ type: 'progress', id: id(), item, current, total, done: true, time: now() });
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      if (--active === 0) onEvent({ type: 'done', id: id(), error: failure, time: now() });
    }
  }

  return { ...image, blob };
}
