// Passes a step's output on at the pace of whoever takes it.
import type { Readable } from 'node:stream';

/**
 * Hands every chunk to `take` and, where that gives a promise, the next one only when it is settled.
 * Returns what ends the waiting: from then on chunks come as they are read.
 */
export function passOutput(stream: Readable, take: (chunk: Buffer) => Promise<void> | undefined): () => void {
  let waiting = false;
  let hurried = false;
  const pump = (): void => {
    while (!waiting || hurried) {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null) return;
      const drained = take(chunk);
      if (drained === undefined) continue;
      waiting = true;
      void drained.finally(() => {
        waiting = false;
        pump();
      });
    }
  };
  // Not 'data': Node lets the streams of a process that has ended flow, paused or not.
  stream.on('readable', pump);
  return () => {
    hurried = true;
    pump();
  };
}
