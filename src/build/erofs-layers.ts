// The snapshotter that mounts layers where they lie, put together: mounts of this process, tars of the store.
import { invariant, SlipwayError } from '../errors.ts';
import type { MountForm } from '../fs/mount-image.ts';
import type { Snapshotter } from '../seams.ts';
import type { OverlayOptions } from '../snapshot/overlay.ts';
import { traced } from '../trace.ts';
import type { LayerTars } from './layer-tars.ts';

/** @param form as `probeErofs` told. @throws ERR_UNSUPPORTED where it found none. */
export async function createErofsLayers(
  form: MountForm | undefined,
  parts: OverlayOptions & { tars: LayerTars },
): Promise<{ snapshotter: Snapshotter; mounts: AsyncDisposable }> {
  if (!form) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'layers can not be mounted where they lie on this machine', {
      hint: 'leave out --snapshotter=erofs: it needs root, Linux 6.15 with EROFS, a state folder on no overlay, and the package koffi',
    });
  }
  const { createErofsSnapshotter } = await import('../snapshot/erofs.ts');
  const { createImageMounter } = await import('../fs/mount-image.ts');
  const { indexTars } = await import('../layer/index-tars.ts');
  const mounter = createImageMounter(form);
  invariant(mounter, 'what was probed is there');
  const index: typeof indexTars = (...given) => traced('layer', 'index tars', () => indexTars(...given));
  const snapshotter = createErofsSnapshotter({ ...parts, index, mount: mounter.mount });
  return { snapshotter, mounts: { [Symbol.asyncDispose]: async () => mounter.close() } };
}
