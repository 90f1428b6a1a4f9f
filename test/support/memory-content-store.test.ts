import type { ContentStore } from '../../src/seams.ts';
import { contentStoreSuite } from '../contract/content-store.ts';
import { createMemoryContentStore } from './memory-content-store.ts';

contentStoreSuite('in memory', async () => {
  const memory = createMemoryContentStore();
  const store: ContentStore = memory;
  return {
    store,
    damage: async (digest) => {
      memory.blobs.get(digest)![0]! ^= 1;
    },
    close: async () => undefined,
  };
});
