// The efficiency of a stack of layers as dive scores it: of each path, the smallest size that a layer has it with, against all of them.
import type { LayerItem } from './layer-item.ts';

interface Sizes {
  sum: number;
  least: number;
}

export interface Efficiency {
  /** To be called before the layer is laid on the others. @param bytesBelow of a path in the layers before: of a directory all that is in it; else 0 */
  addLayer(items: readonly LayerItem[], bytesBelow: (path: string) => number): void;
  /** 0 to 1; 1 where nothing has a size. */
  score(): number;
}

/** Counts what has nothing below it in its layer. A whiteout has the size of the directory that it takes away, and 0 for a file. */
export function createEfficiency(): Efficiency {
  /** A number where a path was seen once. */
  const paths = new Map<string, number | Sizes>();

  function add(path: string, size: number): void {
    const known = paths.get(path);
    if (known === undefined) paths.set(path, size);
    else if (typeof known === 'number') paths.set(path, { sum: known + size, least: Math.min(known, size) });
    else {
      known.sum += size;
      known.least = Math.min(known.least, size);
    }
  }

  return {
    addLayer(items, bytesBelow) {
      const parents = new Set<string>(['']);
      for (const { path } of items) {
        for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
          const parent = path.slice(0, slash);
          if (parents.has(parent)) break;
          parents.add(parent);
        }
      }
      for (const item of items) {
        if (item.kind === 'whiteout') add(item.path, bytesBelow(item.path));
        else if (item.kind === 'entry' && !parents.has(item.path)) add(item.path, item.size);
      }
    },
    score() {
      let least = 0;
      let sum = 0;
      for (const sizes of paths.values()) {
        least += typeof sizes === 'number' ? sizes : sizes.least;
        sum += typeof sizes === 'number' ? sizes : sizes.sum;
      }
      return sum === 0 ? 1 : least / sum;
    },
  };
}
