// Snapshots whose layers stay tars: each is mounted as it is, by an index that says where in it the files are. What steps wrote
// stays in their upper directories; what can't be shown in place is unpacked, and so is what is not worth a mount.
import { invariant, SlipwayError } from '../errors.ts';
import { fileChecksum } from '../fs/file-checksum.ts';
import type { ChainID } from '../oci/digest.ts';
import type { Layer, OpenLayer, RootImage, Snapshotter, TreeEntry } from '../seams.ts';
import type { ChainRecord } from './chain-store.ts';
import { createExtractor } from './extract-content.ts';
import { createImageFiles } from './image-files.ts';
import { createStackSnapshotter, type LocatedImage, type StackOptions } from './stack.ts';
import type { UnpackLayer } from './unpack-layer.ts';

export interface ErofsOptions extends Omit<StackOptions, 'userxattr'> {
  openLayer: OpenLayer;
  unpack: UnpackLayer;
  tars: {
    /** Makes sure that the uncompressed tar of a layer is a file; returns its path. */
    file(layer: Layer, signal: AbortSignal): Promise<string>;
    /** The same, while its bytes are read; verified at their end. */
    read<T>(
      layer: Layer,
      consume: (tar: { path: string; chunks: AsyncIterable<Buffer> }) => Promise<T>,
      signal: AbortSignal,
    ): Promise<T>;
  };
  /** Makes the index of tars, lowest first, reading each to its end. Undefined where one can't be shown in place. */
  index(
    tars: readonly IndexedTar[],
    index: string,
    signal: AbortSignal,
  ): Promise<{ opaque: string[] } | undefined>;
  mount: MountIndex | MountByStep;
  /** Whether a layer is mounted, and not unpacked where it is missing; all are where not given. */
  mounts?: ((layer: Layer) => boolean) | undefined;
}

/** Mounts an index over its tar; returns where the files are, for this process and those that it starts. */
export type MountIndex = (index: string, devices: readonly string[]) => string;

/** Each step mounts what it lies on in its own namespace; this process reads the index and the tars. */
export interface MountByStep {
  form: RootImage['form'];
  /** An empty folder for files that somebody must open; removed by the caller. */
  scratch: string;
}

export interface IndexedTar {
  path: string;
  /** Its bytes, where they are on their way to that path. */
  chunks?: AsyncIterable<Buffer>;
  parent: (path: string) => TreeEntry | undefined;
}

const nameOfIndex = 'index.erofs';

const keptAs = (index: string, opaque: string[]) => ({
  opaque,
  form: 'erofs' as const,
  checksum: fileChecksum(index),
});

/** The kernel mounts what is damaged, and shows what it makes of it. */
function checkIndex(index: string, { checksum }: ChainRecord): void {
  if (checksum !== undefined && fileChecksum(index) !== checksum)
    throw new SlipwayError('ERR_STORE', `${index} is damaged`, {
      hint: 'slipway prune --all --filter type=snapshot deletes all of its kind: they are made again',
    });
}

/** Where overlayfs can be mounted over images that are plain files (`probeErofs`). */
export function createErofsSnapshotter(options: ErofsOptions): Snapshotter {
  const { openLayer, unpack, tars, mount } = options;
  const mounted = new Map<ChainID, { index: string; at: string | LocatedImage }>();
  const extract = typeof mount === 'object' ? createExtractor(mount.scratch) : undefined;

  function mountIndex(index: string, devices: readonly string[]): string | LocatedImage {
    if (typeof mount === 'object') {
      const files = createImageFiles({ index, devices, extract: extract! });
      return { image: { image: index, devices, form: mount.form }, files };
    }
    try {
      return mount(index, devices);
    } catch (cause) {
      throw new SlipwayError('ERR_STORE', `${index} can't be mounted: ${(cause as Error).message}`, {
        ...{
          cause,
          hint: 'slipway prune --all --filter type=snapshot deletes all of its kind: they are made again',
        },
      });
    }
  }

  return createStackSnapshotter(options, {
    name: 'erofs',
    async add(layers, directory, { overlayXattr, signal }) {
      const index = `${directory}/${nameOfIndex}`;
      if (layers.length > 1) {
        // They were verified when their own indexes were made.
        const found: IndexedTar[] = [];
        for (const { layer, parent } of layers)
          found.push({ path: await tars.file(layer, signal), parent: parent.lstat });
        const joined = await options.index(found, index, signal);
        invariant(joined, 'what is joined can be indexed');
        return keptAs(index, joined.opaque);
      }
      const { layer, parent } = layers[0]!;
      if (options.mounts?.(layer) ?? true) {
        const consume = (tar: { path: string; chunks: AsyncIterable<Buffer> }) =>
          options.index([{ ...tar, parent: parent.lstat }], index, signal);
        const indexed = await tars.read(layer, consume, signal);
        if (indexed) return keptAs(index, indexed.opaque);
      }
      const how = { form: 'overlay', overlayXattr, signal, parent: parent.lstat } as const;
      const { opaque } = await unpack(openLayer(layer, signal), directory, how);
      return { opaque };
    },
    async locate(layers, { id, record, directory }, signal) {
      if (record.form !== 'erofs') return undefined;
      const index = `${directory}/${nameOfIndex}`;
      const isKnown = (): boolean => mounted.get(id)?.index === index;
      const devices: string[] = [];
      // One may have been removed meanwhile: it is then made again of a compressed form.
      if (!isKnown()) for (const { layer } of layers) devices.push(await tars.file(layer, signal));
      if (!isKnown()) checkIndex(index, record);
      // Another caller may have been faster.
      if (!isKnown()) mounted.set(id, { index, at: mountIndex(index, devices) });
      return mounted.get(id)!.at;
    },
    refresh: () => mounted.clear(),
    joins: ({ form }) => form === 'erofs',
  });
}
