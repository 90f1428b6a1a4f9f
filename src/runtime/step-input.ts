// What a step's command reads, written to its pipe as fast as it is taken.
import { type Duplex, Readable } from 'node:stream';

/**
 * Ends the pipe where the source ends, or fails: the command decides what a short input means.
 * @returns stops it: nothing more is read of the source.
 */
export function feed(source: AsyncIterable<Uint8Array>, pipe: Duplex): () => void {
  const input = Readable.from(source, { objectMode: false });
  // A command that reads no further closes its end.
  pipe.on('error', () => {});
  input.on('error', () => pipe.end());
  input.pipe(pipe);
  pipe.resume();
  return () => {
    input.unpipe(pipe);
    input.destroy();
    pipe.destroy();
  };
}
