// Images that the local store holds under a name.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { familiarReference, formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { ContentStore, ImageSource } from '../seams.ts';
import { abortable } from './abortable.ts';
import { compare, createContentStore } from './content-store.ts';
import { readImage } from './image-reader.ts';
import { createImageStore, type ImageStore } from './image-store.ts';

/**
 * References are those of registries. With a digest, the blob of that digest is meant, whatever names it has.
 * @throws ERR_IMAGE_NOT_FOUND, ERR_BAD_REFERENCE, ERR_BAD_IMAGE, ERR_BLOB_NOT_FOUND, ERR_DIGEST_MISMATCH
 */
export function createStoreSource(root: string, store = createContentStore(root)): ImageSource {
  const images = createImageStore(root, store);
  return {
    async resolve(reference, platform, signal) {
      signal.throwIfAborted();
      const ref = parseReference(reference);
      const top = await find({ store, images }, ref);
      if (!top) {
        throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `there is no image ${familiarReference(ref)} here`, {
          hint: 'list what there is with "slipway images", or get it with "slipway pull"',
        });
      }
      return await readImage(
        {
          name: formatReference(ref),
          platform,
          read: (descriptor) => readWhole(store, descriptor),
          blob: (descriptor, blobSignal) => abortable(store.open(descriptor.digest), blobSignal),
        },
        top,
      );
    },
  };
}

async function find(
  stores: { store: ContentStore; images: ImageStore },
  ref: Reference,
): Promise<Descriptor | undefined> {
  if (ref.digest === undefined) return stores.images.resolve(formatReference(ref));
  const info = await stores.store.info(ref.digest);
  return info && { mediaType: '', ...info };
}

async function readWhole(store: ContentStore, descriptor: Descriptor): Promise<Buffer> {
  const info = await store.info(descriptor.digest);
  try {
    // Its size was checked against what is read at most: the stored one must be that.
    if (info) compare(info, descriptor);
  } catch (error) {
    // Where it is of another size because it is damaged, the store removes it.
    await store.read(descriptor.digest);
    throw error;
  }
  return await store.read(descriptor.digest);
}
