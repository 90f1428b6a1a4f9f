// Which snapshotter works here: large layers mounted and small ones unpacked, else all unpacked for overlayfs, else whole copies,
// else only looked into; or the one that is asked for.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { EngineOptions } from '../engine.ts';
import type { Lease } from '../fs/lease.ts';
import { userNamespace } from '../fs/user-namespace.ts';
import type { TarLimits } from '../layer/tar-reader.ts';
import type { DiffID } from '../oci/digest.ts';
import type { MachineFacts } from '../runtime/machine-facts.ts';
import type { Layer, OpenLayer, Snapshotter } from '../seams.ts';
import type { StackOptions } from '../snapshot/stack.ts';
import type { UnpackLayer } from '../snapshot/unpack-layer.ts';
import type { LayerTars } from './layer-tars.ts';
import type { Probes } from './probes.ts';

export interface SnapshotterParts {
  root: string;
  asked: EngineOptions['snapshotter'];
  /** Where nothing is mounted, layers must be whole trees. */
  isolation: EngineOptions['isolation'];
  openLayer: OpenLayer;
  tars: LayerTars;
  lease: Lease;
  prefetch: NonNullable<StackOptions['prefetch']>;
  probes: Probes;
  /** Told of layers whose files, or index, can't be used, and are made anew. */
  onDamage(diffID: DiffID): void;
  limits: TarLimits;
  /** Of this machine, where they explain a failure. */
  facts(): Promise<MachineFacts>;
  /** Of whoever unpacks layers. */
  decorate(unpack: UnpackLayer): UnpackLayer;
  /** Released when the state is. */
  hold(resource: AsyncDisposable): void;
  tempDir(prefix: string): Promise<{ path: string } & AsyncDisposable>;
}

/** Bytes of a layer's tar from which on it costs less to make an index of it than to make its files. */
const worthMounting = 1 << 20;
/** How many bytes of a tar a byte of a compressed form stands for, usually. */
const usualRatio = 3;

function isWorthMounting({ size, blobs: [blob] }: Layer): boolean {
  return (size ?? (blob ? blob.size * usualRatio : worthMounting)) >= worthMounting;
}

/** Who is not root can't give files to others: layers stay packed, and are looked into. */
export async function bestSnapshotter(probes: Probes): Promise<'mixed' | 'overlay' | 'copy' | 'indexed'> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'indexed';
  const [overlay, images] = await Promise.all([probes.overlay(), probes.images()]);
  if (!overlay.works) return 'copy';
  return images ? 'mixed' : 'overlay';
}

/** @throws ERR_UNSUPPORTED where the one that was asked for does not work here. */
export async function chooseSnapshotter(parts: SnapshotterParts): Promise<Snapshotter> {
  const { root, openLayer, lease, prefetch, probes, onDamage } = parts;
  const kind =
    parts.asked === 'auto'
      ? parts.isolation === 'chroot'
        ? 'copy'
        : await bestSnapshotter(probes)
      : parts.asked;
  if (kind === 'indexed') return indexedSnapshotter(parts);
  const { unpackLayer } = await import('../layer/unpack.ts');
  const { limits } = parts;
  const unpack = parts.decorate((source, directory, options) =>
    unpackLayer(source, directory, { ...options, limits }),
  );
  // What lies there says of each layer which form it has, so that both read what either made.
  const namespace = userNamespace();
  // Owners, and the attributes of overlayfs, are others in a user namespace.
  const folder = namespace ? `${kind}-${namespace.kind}` : kind === 'mixed' ? 'erofs' : kind;
  const directory = join(root, 'snapshots-v2', folder);
  const common = { directory, openLayer, unpack, lease, prefetch, onDamage };
  if (kind === 'overlay') {
    const { createOverlaySnapshotter } = await import('../snapshot/overlay.ts');
    const userxattr = namespace !== undefined;
    return createOverlaySnapshotter({ ...common, userxattr, volatile: (await probes.overlay()).volatile });
  }
  if (kind === 'erofs' || kind === 'mixed') {
    const { createErofsLayers } = await import('./erofs-layers.ts');
    const [{ volatile }, form] = await Promise.all([probes.overlay(), probes.erofs()]);
    const { tars, tempDir } = parts;
    const own = kind === 'mixed' ? { mounts: isWorthMounting } : {};
    const made = await createErofsLayers(form, { ...common, ...own, tars, tempDir, volatile, limits });
    parts.hold(made.mounts);
    return made.snapshotter;
  }
  const { createCopySnapshotter } = await import('../snapshot/copy.ts');
  return createCopySnapshotter(common);
}

async function indexedSnapshotter({
  tempDir,
  hold,
  tars,
  limits,
  facts,
}: SnapshotterParts): Promise<Snapshotter> {
  const { createIndexedSnapshotter } = await import('../snapshot/indexed.ts');
  const { indexLayer } = await import('../layer/index-layer.ts');
  const scratch = await tempDir('files');
  hold(scratch);
  return createIndexedSnapshotter({
    scratch: scratch.path,
    async refusal() {
      const { noRuntime } = await import('../runtime/no-runtime.ts');
      const error = noRuntime('this user can unpack no image, and so run no steps', 'auto', {
        ...{ trials: [], facts: await facts() },
      });
      error.hint = `${error.hint} Dockerfiles without RUN build here.`;
      return error;
    },
    tarFile: tars.file,
    index: (file, signal) => indexLayer(createReadStream(file, { highWaterMark: 1 << 20 }), signal, limits),
  });
}
