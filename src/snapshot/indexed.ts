// A snapshotter that only shows: for those who may not unpack what belongs to others. COPY and WORKDIR need no more.
import { SlipwayError } from '../errors.ts';
import { chainID } from '../oci/chain-id.ts';
import type { DiffID } from '../oci/digest.ts';
import type { IndexedEntry, Layer, Snapshotter } from '../seams.ts';
import { createExtractor } from './extract-content.ts';
import { createIndexTree, type IndexedLayer } from './index-tree.ts';

export interface IndexedOptions {
  /** Makes sure that the uncompressed tar of a layer is a file; returns its path. */
  tarFile(layer: Layer, signal: AbortSignal): Promise<string>;
  index(file: string, signal: AbortSignal): Promise<IndexedEntry[]>;
  /** An empty folder for files that somebody must open; removed by the caller. */
  scratch: string;
  /** Why no step can run on what it shows, and what would let one. */
  refusal?(): Promise<SlipwayError>;
}

export function createIndexedSnapshotter(options: IndexedOptions): Snapshotter {
  const indexes = new Map<DiffID, Promise<IndexedLayer>>();
  const extract = createExtractor(options.scratch);

  function indexed(layer: Layer, signal: AbortSignal): Promise<IndexedLayer> {
    let index = indexes.get(layer.diffID);
    if (!index) {
      index = options
        .tarFile(layer, signal)
        .then(async (file) => ({ file, entries: await options.index(file, signal) }));
      indexes.set(layer.diffID, index);
      // Who tries again is to find it as it is by then.
      index.catch(() => indexes.delete(layer.diffID));
    }
    return index;
  }

  return {
    name: 'indexed',
    refresh: () => indexes.clear(),
    async view(layers, signal) {
      const stack = await Promise.all(layers.map((layer) => indexed(layer, signal)));
      const tree = createIndexTree(stack, extract);
      return {
        chainID: chainID(layers.map(({ diffID }) => diffID)),
        tree,
        root: { type: 'directory', path: '/' },
      };
    },
    async prepare() {
      if (options.refusal) throw await options.refusal();
      throw new SlipwayError('ERR_RUNTIME_MISSING', 'steps need files that are unpacked', {
        hint: 'Take another snapshotter.',
      });
    },
  };
}
