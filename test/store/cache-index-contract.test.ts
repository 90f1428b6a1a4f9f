import { createCacheIndex } from '../../src/store/cache-index.ts';
import { cacheIndexSuite } from '../contract/cache-index.ts';
import { tempDir } from '../support/temp-dir.ts';

cacheIndexSuite('on disk', async () => {
  const folder = await tempDir();
  return { index: createCacheIndex(folder.path), close: async () => await folder[Symbol.asyncDispose]() };
});
