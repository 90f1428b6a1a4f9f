// Tags of the local store: one file for each name is the truth, index.json (image-layout.md#indexjson-file) follows from them.
import { readdirSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { withLock } from '../fs/lock.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { ContentStore } from '../seams.ts';
import { encodeChecked, readChecked } from './checked-file.ts';
import { createStoreRoot, encodeIndex } from './store-root.ts';

export const refNameAnnotation = 'org.opencontainers.image.ref.name';
export const imageNameAnnotation = 'io.containerd.image.name';

export interface ImageTag {
  /** In full: `docker.io/library/app:latest`. */
  name: string;
  /** Of the manifest or index. */
  descriptor: Descriptor;
  /** ISO 8601, when the name was given. */
  created: string;
}

/** Names are image references in any form; `app` and `docker.io/library/app:latest` are one. @throws ERR_BAD_REFERENCE */
export interface ImageStore {
  /** Gives a name to what is stored; another image that has it loses it. @throws ERR_BLOB_NOT_FOUND */
  tag(name: string, descriptor: Descriptor): Promise<void>;
  resolve(name: string): Descriptor | undefined;
  /** Sorted by name. */
  list(): ImageTag[];
  /** Whether there was such a name; its blobs stay. */
  remove(name: string): Promise<boolean>;
}

/** The names below `root/images-v1`. They are fsynced, unlike the blobs that they lead to. */
export function createImageStore(root: string, store: ContentStore): ImageStore {
  const layout = createStoreRoot(root);
  const fullName = (name: string) => formatReference(parseReference(name));
  const pathOf = (name: string) => join(layout.images, `${hexOf(digestOf(name))}.json`);

  function list(): ImageTag[] {
    layout.check();
    const tags = filesOf(layout.images).flatMap((file) => decode(join(layout.images, file)) ?? []);
    return tags.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Changes the tags, then index.json, while no other process does. */
  async function change<T>(doing: string, work: () => Promise<T>): Promise<T> {
    layout.prepare();
    try {
      return await withLock(join(layout.locks, 'images'), new AbortController().signal, async () => {
        const result = await work();
        await writeFileAtomic(layout.index, encodeIndex(list().map(indexEntry)), { tmp: layout.tmp });
        return result;
      });
    } catch (error) {
      throw diskError(error, doing);
    }
  }

  return {
    list,
    resolve(name) {
      layout.check();
      const full = fullName(name);
      const found = decode(pathOf(full));
      return found?.name === full ? found.descriptor : undefined;
    },
    async tag(name, descriptor) {
      const full = fullName(name);
      if (!(await store.info(descriptor.digest))) {
        throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${descriptor.digest} is not in the store`, {
          hint: `it can't be named ${full} before it is stored`,
        });
      }
      const tag: ImageTag = { name: full, descriptor, created: new Date().toISOString() };
      await change(`naming ${full}`, () =>
        writeFileAtomic(pathOf(full), encodeChecked([tag]), { tmp: layout.tmp }),
      );
    },
    async remove(name) {
      const full = fullName(name);
      layout.check();
      if (!decode(pathOf(full))) return false;
      return await change(`removing ${full}`, async () => {
        try {
          await unlink(pathOf(full));
          return true;
        } catch (error) {
          if (systemCode(error) === 'ENOENT') return false;
          throw error;
        }
      });
    },
  };
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, 'listing images');
  }
}

function decode(path: string): ImageTag | undefined {
  const [line] = readChecked(path) ?? [];
  return line === undefined ? undefined : (JSON.parse(line) as ImageTag);
}

function indexEntry({ name, descriptor }: ImageTag): Descriptor {
  const annotations = { [refNameAnnotation]: name, [imageNameAnnotation]: name };
  return { ...descriptor, annotations: { ...descriptor.annotations, ...annotations } };
}
