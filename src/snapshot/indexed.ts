// A snapshotter that only shows: for those who may not unpack what belongs to others. COPY and WORKDIR need no more.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { chainID } from '../oci/chain-id.ts';
import type { DiffID } from '../oci/digest.ts';
import type { IndexedEntry, Layer, Snapshotter } from '../seams.ts';
import { type Content, createIndexTree, type IndexedLayer } from './index-tree.ts';

export interface IndexedOptions {
  /** Makes sure that the uncompressed tar of a layer is a file; returns its path. */
  tarFile(layer: Layer, signal: AbortSignal): Promise<string>;
  index(file: string, signal: AbortSignal): Promise<IndexedEntry[]>;
  /** An empty folder for files that somebody must open; removed by the caller. */
  scratch: string;
}

export function createIndexedSnapshotter(options: IndexedOptions): Snapshotter {
  const indexes = new Map<DiffID, Promise<IndexedLayer>>();
  const extracted = new Map<string, string>();

  function indexed(layer: Layer, signal: AbortSignal): Promise<IndexedLayer> {
    let index = indexes.get(layer.diffID);
    if (!index) {
      index = options
        .tarFile(layer, signal)
        .then(async (file) => ({ file, entries: await options.index(file, signal) }));
      indexes.set(layer.diffID, index);
    }
    return index;
  }

  function extract(content: Content): string {
    const key = `${content.file} ${content.offset}`;
    let path = extracted.get(key);
    if (path === undefined) {
      path = join(options.scratch, String(extracted.size));
      copyRange(content, path);
      extracted.set(key, path);
    }
    return path;
  }

  return {
    name: 'indexed',
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
      throw new SlipwayError(
        'ERR_RUNTIME_MISSING',
        'RUN needs to unpack the image, which this user may not',
        {
          hint: 'build as root; Dockerfiles without RUN build here',
        },
      );
    },
  };
}

function copyRange({ file, offset, size }: Content, path: string): void {
  const from = openSync(file, 'r');
  const to = openSync(path, 'wx');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(size, 1 << 20));
    for (let at = 0; at < size; ) {
      const count = readSync(from, buffer, 0, Math.min(buffer.length, size - at), offset + at);
      if (count === 0) throw new Error(`${file} ends too early`);
      writeSync(to, buffer, 0, count);
      at += count;
    }
  } finally {
    closeSync(from);
    closeSync(to);
  }
}
