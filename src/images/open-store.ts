// The store for who only looks: nothing that is looked at counts as used, and a prune may take it.
import type { State } from '../build/state.ts';
import type { EngineOptions } from '../engine.ts';
import { createContentStore } from '../store/content-store.ts';
import { createImageStore } from '../store/image-store.ts';
import { createLayerIndex } from '../store/layer-index.ts';

export type OpenStore = Pick<State, 'root' | 'store' | 'layers' | 'images'>;

export function openStore({ root }: Pick<EngineOptions, 'root'>): OpenStore {
  const store = createContentStore(root);
  return { root, store, layers: createLayerIndex(root), images: createImageStore(root, store) };
}
