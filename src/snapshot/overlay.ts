// Snapshots whose layers are unpacked, each into a directory of its own.
import type { OpenLayer, Snapshotter } from '../seams.ts';
import { createStackSnapshotter, type StackOptions } from './stack.ts';
import type { UnpackLayer } from './unpack-layer.ts';

export interface OverlayOptions extends StackOptions {
  openLayer: OpenLayer;
  unpack: UnpackLayer;
}

/** Where overlayfs can be mounted (`probeOverlay`). */
export function createOverlaySnapshotter(options: OverlayOptions): Snapshotter {
  const { openLayer, unpack } = options;
  return createStackSnapshotter(options, {
    name: 'overlay',
    async add([top], directory, { overlayXattr, signal }) {
      const { layer, parent } = top!;
      const source = openLayer(layer, signal);
      const how = { form: 'overlay', overlayXattr, signal, parent: parent.lstat } as const;
      const { opaque, owners = {} } = await unpack(source, directory, how);
      return { opaque, ...(Object.keys(owners).length > 0 && { owners }) };
    },
    locate: async () => undefined,
    joins: () => false,
  });
}
