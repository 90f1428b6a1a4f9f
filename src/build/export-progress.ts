// How far an export is: what was written so far, as progress of its vertex.
import type { OnEvent } from '../solver/events.ts';

export interface ExportProgress {
  /** The vertex. */
  id: string;
  onEvent: OnEvent;
  now(): number;
}

/** Milliseconds between two events. */
const interval = 100;

/** The same bytes; their number is told as they pass. */
export async function* withExportProgress(
  source: AsyncIterable<Uint8Array>,
  item: string,
  { id, onEvent, now }: ExportProgress,
): AsyncGenerator<Uint8Array> {
  let current = 0;
  let told = now();
  for await (const chunk of source) {
    current += chunk.length;
    if (now() - told >= interval) {
      told = now();
      onEvent({ type: 'progress', id, item, current, done: false, time: told });
    }
    yield chunk;
  }
  onEvent({ type: 'progress', id, item, current, done: true, time: now() });
}
