// The snapshotter that mounts layers where they lie, put together: mounts of this process or of each step, tars of the store.
import { invariant, SlipwayError } from '../errors.ts';
import type { MountForm } from '../fs/mount-image.ts';
import type { TarLimits } from '../layer/tar-reader.ts';
import type { Snapshotter } from '../seams.ts';
import type { ErofsOptions, MountByStep, MountIndex } from '../snapshot/erofs.ts';
import type { OverlayOptions } from '../snapshot/overlay.ts';
import { traced } from '../trace.ts';
import type { LayerTars } from './layer-tars.ts';
import type { ErofsForm } from './probes.ts';

export interface ErofsLayersOptions extends OverlayOptions {
  tars: LayerTars;
  tempDir(prefix: string): Promise<{ path: string } & AsyncDisposable>;
  mounts?: ErofsOptions['mounts'];
  limits?: TarLimits;
}

/** @param form as `Probes.erofs` told. @throws ERR_UNSUPPORTED where it found none. */
export async function createErofsLayers(
  form: ErofsForm | undefined,
  parts: ErofsLayersOptions,
): Promise<{ snapshotter: Snapshotter; mounts: AsyncDisposable }> {
  if (!form) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'layers can not be mounted where they lie on this machine', {
      hint: 'leave out --snapshotter=erofs: it needs root, Linux with EROFS (tried from 6.1 on), loop devices before 6.12, and a state folder on no overlay',
    });
  }
  const { createErofsSnapshotter } = await import('../snapshot/erofs.ts');
  const { indexTars } = await import('../layer/index-tars.ts');
  const { limits } = parts;
  const index: typeof indexTars = (tars, ...given) => {
    const limited = tars.map((tar) => ({
      ...{ ...tar, limits },
      entries: tar.chunks && parts.tars.entries(tar.path),
    }));
    return traced('layer', 'index tars', () => indexTars(limited, ...given));
  };
  const { mount, mounts } =
    form === 'file' || form === 'loop' ? await mountHere(form) : await mountInSteps(form, parts);
  return { snapshotter: createErofsSnapshotter({ ...parts, index, mount }), mounts };
}

async function mountHere(form: MountForm): Promise<{ mount: MountIndex; mounts: AsyncDisposable }> {
  const { createImageMounter } = await import('../fs/mount-image.ts');
  const mounter = createImageMounter(form);
  invariant(mounter, 'what was probed is there');
  return { mount: mounter.mount, mounts: { [Symbol.asyncDispose]: async () => mounter.close() } };
}

async function mountInSteps(
  form: `step-${MountForm}`,
  { tempDir }: ErofsLayersOptions,
): Promise<{ mount: MountByStep; mounts: AsyncDisposable }> {
  const scratch = await tempDir('files');
  return { mount: { form: form === 'step-file' ? 'file' : 'loop', scratch: scratch.path }, mounts: scratch };
}
