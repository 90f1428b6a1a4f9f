// Snapshots whose layers stay tars: each is mounted as it is, by an index that says where in it the files are. What steps wrote
// stays in their upper directories, and what can't be shown in place is unpacked.
import type { ChainID } from '../oci/digest.ts';
import type { Layer, OpenLayer, Snapshotter, TreeEntry } from '../seams.ts';
import { createStackSnapshotter, type StackOptions } from './stack.ts';
import type { UnpackLayer } from './unpack-layer.ts';

export interface ErofsOptions extends Omit<StackOptions, 'userxattr'> {
  openLayer: OpenLayer;
  unpack: UnpackLayer;
  tars: {
    /** Makes sure that the uncompressed tar of a layer is a file; returns its path. */
    file(layer: Layer, signal: AbortSignal): Promise<string>;
    /** The same, for what was stored before verified. */
    checked(layer: Layer, signal: AbortSignal): Promise<string>;
  };
  /** Makes the index of a tar. Undefined where the tar can't be shown in place. */
  index(
    tar: string,
    index: string,
    options: { parent: (path: string) => TreeEntry | undefined; signal: AbortSignal },
  ): Promise<{ opaque: string[] } | undefined>;
  /** Mounts an index over its tar; returns where the files are, for this process and those that it starts. */
  mount(index: string, devices: readonly string[]): string;
}

const nameOfIndex = 'index.erofs';

/** Where overlayfs can be mounted over images that are plain files (`probeErofs`). */
export function createErofsSnapshotter(options: ErofsOptions): Snapshotter {
  const { openLayer, unpack, tars } = options;
  const mounts = new Map<ChainID, { index: string; path: string }>();

  return createStackSnapshotter(options, {
    name: 'erofs',
    async add(layer, directory, { parent, overlayXattr, signal }) {
      const tar = await tars.checked(layer, signal);
      const at = { parent: parent.lstat, signal };
      const indexed = await options.index(tar, `${directory}/${nameOfIndex}`, at);
      if (indexed) return { opaque: indexed.opaque, form: 'erofs' };
      const how = { form: 'overlay', overlayXattr, ...at } as const;
      const { opaque } = await unpack(openLayer(layer, signal), directory, how);
      return { opaque };
    },
    async locate(layer, { id, record, directory }, signal) {
      if (record.form !== 'erofs') return undefined;
      const index = `${directory}/${nameOfIndex}`;
      const known = mounts.get(id);
      if (known?.index === index) return known.path;
      // It may have been removed meanwhile: it is then made again of a compressed form.
      const path = options.mount(index, [await tars.file(layer, signal)]);
      mounts.set(id, { index, path });
      return path;
    },
  });
}
