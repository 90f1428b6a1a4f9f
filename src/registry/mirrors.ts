// Reads from the places that have a repository, best first: mirrors, then the registry itself.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { streamBlob } from './blob-stream.ts';
import type { RegistryClient, Repository } from './client.ts';

/** What another place may do better; whatever is wrong with the content itself is wrong wherever it comes from by its digest. */
function isOfPlace(error: unknown): boolean {
  return error instanceof SlipwayError && error.code !== 'ERR_ABORTED' && error.code !== 'ERR_UNSUPPORTED';
}

/** What the first place gives that gives anything. @throws what the last one throws */
export async function fromFirst<T, P = Repository>(
  places: readonly P[],
  signal: AbortSignal,
  read: (place: P) => Promise<T>,
): Promise<T> {
  for (const [index, place] of places.entries()) {
    try {
      return await read(place);
    } catch (error) {
      signal.throwIfAborted();
      if (index === places.length - 1 || !isOfPlace(error)) throw error;
    }
  }
  throw new Error('internal error: nowhere to read from');
}

/** A blob from the first place that has it; one that fails in the midst is followed by the next, from where it stopped. */
export async function* streamFrom(
  client: RegistryClient,
  places: readonly Repository[],
  { descriptor, signal }: { descriptor: Descriptor; signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, void> {
  let from = 0;
  for (const [index, place] of places.entries()) {
    const chunks = streamBlob(client, place, { descriptor, signal, from });
    try {
      for (;;) {
        // Only what reading throws is caught here, not what the taker does.
        const next = await chunks.next().catch((error: unknown) => {
          signal.throwIfAborted();
          if (index === places.length - 1 || !isOfPlace(error)) throw error;
          return undefined;
        });
        if (!next) break;
        if (next.done) return;
        from += next.value.length;
        yield next.value;
      }
    } finally {
      await chunks.return();
    }
  }
}
