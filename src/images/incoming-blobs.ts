// A store of its own for what is not trusted yet: it becomes part of the state's store when all of it is checked, or not at all.
import { join } from 'node:path';
import type { State } from '../build/state.ts';
import { moveInto } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import type { Digest } from '../oci/digest.ts';
import type { ContentStore } from '../seams.ts';
import { createContentStore } from '../store/content-store.ts';

export interface IncomingBlobs extends AsyncDisposable {
  store: ContentStore;
  /** Makes blobs part of the state's store. Those that are there already stay as they are. */
  accept(digests: Iterable<Digest>): Promise<void>;
}

/** On the file system of the state, so that accepting moves nothing but names. */
export async function createIncomingBlobs(state: State): Promise<IncomingBlobs> {
  await state.lease.hold();
  const folder = await state.tempDir('incoming');
  const store = createContentStore(join(folder.path, 'store'));
  return {
    store,
    async accept(digests) {
      for (const digest of new Set(digests)) {
        if (await state.store.info(digest)) continue;
        try {
          await moveInto(store.path(digest), state.store.path(digest));
        } catch (error) {
          throw diskError(error, 'storing a blob');
        }
      }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
