import { cacheIndexSuite } from '../contract/cache-index.ts';
import { createMemoryCacheIndex } from './memory-cache-index.ts';

cacheIndexSuite('in memory', async () => ({ index: createMemoryCacheIndex(), close: async () => undefined }));
