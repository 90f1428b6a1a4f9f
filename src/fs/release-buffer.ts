// Gives the memory of a buffer back at once: what waits for the garbage collector adds up to tens of megabytes.
import { MessageChannel, type MessagePort } from 'node:worker_threads';

let drain: MessagePort | undefined;

/** Less is not worth it. */
const least = 1 << 16;

/** The buffer, which must have its memory to itself, has no bytes from now on; one of little or shared memory is left alone. */
export function releaseBuffer({ buffer }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < least) return;
  if (!drain) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    drain = port1;
    drain.close();
  }
  try {
    // What is sent to a port that is closed is dropped with all that it owns.
    drain.postMessage(null, [buffer]);
  } catch {
    // It is of the memory that Node cuts small buffers from, and is not to be given away.
  }
}
