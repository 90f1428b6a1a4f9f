// How far a push is: a vertex of its own, with an item for each blob that is sent and each manifest that was stored.
import type { Descriptor } from '../oci/descriptor.ts';
import type { OnEvent } from '../solver/events.ts';
import type { PushTarget } from './push-targets.ts';

export interface PushProgress {
  /** The same bytes; their number is told as they pass. */
  watch(blob: Descriptor, open: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void>;
  /** A manifest is there. */
  manifest(name: string): void;
  done(error?: unknown): void;
}

/** Milliseconds between two events of one blob. */
const interval = 100;

export function createPushProgress(
  targets: readonly PushTarget[],
  { onEvent, now }: { onEvent: OnEvent; now(): number },
): PushProgress {
  const names = targets.flatMap(({ name, tags }) =>
    tags.length > 0 ? tags.map((tag) => `${name}:${tag}`) : [`${name} by digest`],
  );
  const id = `push ${names.join(' ')}`;
  onEvent({ type: 'started', vertex: { id, name: `pushing ${names.join(', ')}` }, time: now() });
  return {
    async *watch({ digest, size: total }, open) {
      const item = `pushing ${digest}`;
      let current = 0;
      let told = now();
      for await (const chunk of open()) {
        current += chunk.length;
        if (now() - told >= interval) {
          told = now();
          onEvent({ type: 'progress', id, item, current, total, done: false, time: told });
        }
        yield chunk;
      }
      onEvent({ type: 'progress', id, item, current, total, done: true, time: now() });
    },
    manifest(name) {
      const time = now();
      onEvent({ type: 'progress', id, item: `pushing manifest for ${name}`, current: 0, done: true, time });
    },
    done(error) {
      const message =
        error instanceof Error ? error.message : error === undefined ? undefined : String(error);
      onEvent({ type: 'done', id, error: message, time: now() });
    },
  };
}
