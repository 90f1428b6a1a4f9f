// Image ops to images: the local store and what is remembered first, the network where it must be asked.
import { SlipwayError } from '../errors.ts';
import { imageKey } from '../graph/sources.ts';
import type { ImageOp } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';
import { parseReference } from '../oci/reference.ts';
import type { ImageSource, SourceImage } from '../seams.ts';
import { createResolutionIndex } from '../store/resolution-index.ts';
import { type PullProgressOptions, withPullProgress } from './pull-progress.ts';
import type { State } from './state.ts';

export interface ImageResolver {
  /** Manifest and config are in the store when it returns; layers are not. */
  resolve(op: ImageOp, signal: AbortSignal): Promise<SourceImage>;
}

/** `docker.io/library/busybox` */
function repositoryOf(reference: string): string {
  const { registry, repository } = parseReference(reference);
  return `${registry}/${repository}`;
}

export function createImageResolver(
  state: State,
  request: { pull: boolean; offline?: boolean | undefined; cwd: string } & PullProgressOptions,
): ImageResolver {
  const resolved = new Map<string, Promise<SourceImage>>();
  const resolutions = createResolutionIndex(state.root);

  const registrySource = (reference: string): Promise<ImageSource> => {
    if (request.offline) {
      throw new SlipwayError('ERR_OFFLINE', `${reference}, or a layer of it, is not here`, {
        hint: 'let it be pulled: leave out --offline, or --pull=never',
      });
    }
    return state.registries.source();
  };

  async function keep(image: SourceImage, signal: AbortSignal, repository?: string): Promise<SourceImage> {
    const { descriptor, manifest, raw } = image;
    await state.store.ingest([raw.manifest], descriptor, signal);
    await state.store.ingest([raw.config], manifest.config, signal);
    state.provide(withPullProgress(image, request), repository);
    return image;
  }

  /** What the store has under a name or digest; undefined where it lacks manifest or config. */
  async function stored(
    reference: string,
    op: ImageOp,
    signal: AbortSignal,
  ): Promise<SourceImage | undefined> {
    const { createStoreSource } = await import('../store/store-source.ts');
    try {
      return await createStoreSource(state.root, state.store).resolve(reference, op.platform, signal);
    } catch (error) {
      // A damaged document was removed, and told of.
      const absent = ['ERR_IMAGE_NOT_FOUND', 'ERR_BLOB_NOT_FOUND', 'ERR_DIGEST_MISMATCH'];
      if (error instanceof SlipwayError && absent.includes(error.code)) return undefined;
      throw error;
    }
  }

  /** An image that was tagged here, or resolved by an earlier build. Layers that are not stored come from the registry. */
  async function remembered(
    reference: string,
    op: ImageOp,
    signal: AbortSignal,
  ): Promise<SourceImage | undefined> {
    const { registry: host, repository } = parseReference(reference);
    const known = resolutions.get(reference, op.platform);
    const byDigest = known && `${host}/${repository}@${known.descriptor.digest}`;
    const image = (await stored(reference, op, signal)) ?? (byDigest && (await stored(byDigest, op, signal)));
    if (!image) return undefined;
    return {
      ...image,
      name: reference,
      resolved: known?.resolved ?? image.resolved,
      async *blob(blob, blobSignal) {
        if (await state.store.info(blob.digest)) {
          yield* state.store.open(blob.digest);
          return;
        }
        const pinned = `${host}/${repository}@${image.descriptor.digest}`;
        const remote = await (await registrySource(reference)).resolve(pinned, op.platform, blobSignal);
        yield* remote.blob(blob, blobSignal);
      },
    };
  }

  /** Layers that are here stay from now on: a prune that runs meanwhile must not make them be fetched again. */
  async function hold(image: SourceImage): Promise<SourceImage> {
    const { manifest, config } = image;
    const blobs = [...manifest.layers.map(({ digest }) => digest), ...config.rootfs.diff_ids];
    await Promise.all(blobs.map((digest) => state.store.info(digest as Digest)));
    return image;
  }

  async function resolve(op: ImageOp, signal: AbortSignal): Promise<SourceImage> {
    const { kind, reference } = op.origin;
    if (kind === 'oci-layout') {
      const { createLayoutSource } = await import('../store/layout-source.ts');
      return keep(
        await createLayoutSource({ cwd: request.cwd }).resolve(reference, op.platform, signal),
        signal,
      );
    }
    const known = request.pull ? undefined : await remembered(reference, op, signal);
    if (known) {
      state.provide(withPullProgress(known, request), repositoryOf(reference));
      return known;
    }
    const source = await registrySource(reference);
    const found = await source.resolve(reference, op.platform, signal);
    const image = await keep(found, signal, repositoryOf(reference));
    await resolutions.set(reference, op.platform, { descriptor: image.descriptor, resolved: image.resolved });
    return image;
  }

  return {
    resolve(op, signal) {
      const key = imageKey(op);
      let found = resolved.get(key);
      if (!found) {
        found = resolve(op, signal).then(hold);
        resolved.set(key, found);
      }
      return found;
    },
  };
}
