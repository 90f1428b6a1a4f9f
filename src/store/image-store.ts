// Tags of the local store: one file for each name is the truth, index.json (image-layout.md#indexjson-file) follows from them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { withLock } from '../fs/lock.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../oci/digest.ts';
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
  /**
   * Gives a name to what is stored; another image that has it loses it, and is listed as untagged where that was its last one.
   * @throws ERR_BLOB_NOT_FOUND; ERR_USAGE for a name with the digest of something else
   */
  tag(name: string, descriptor: Descriptor): Promise<void>;
  resolve(name: string): Descriptor | undefined;
  /** Sorted by name. */
  list(): ImageTag[];
  /** Whether there was such a name; its blobs stay. */
  remove(name: string): Promise<boolean>;
  /** Keeps what is stored without a name, unless it has one. */
  keep(descriptor: Descriptor): Promise<void>;
  /** Images that are kept without a name: theirs is ''. By digest. */
  untagged(): ImageTag[];
  /** Keeps it no longer without a name. */
  forget(digest: Digest): Promise<void>;
  /** Whether index.json lists what has a name: whoever was killed on the way from the one to the other leaves it as it was. */
  isIndexed(): boolean;
  /** Has index.json follow the names again. */
  index(): Promise<void>;
}

/** The names below `root/images-v1`. They are fsynced, unlike the blobs that they lead to. */
export function createImageStore(root: string, store: ContentStore): ImageStore {
  const layout = createStoreRoot(root);
  const fullName = (name: string) => formatReference(parseReference(name));
  const pathOf = (name: string) => join(layout.images, `${hexOf(digestOf(name))}.json`);
  const untaggedPath = (digest: Digest) => join(layout.images, `untagged-${hexOf(digest)}.json`);

  function all(): ImageTag[] {
    layout.check();
    return filesOf(layout.images).flatMap((file) => decode(join(layout.images, file)) ?? []);
  }

  function list(): ImageTag[] {
    return all()
      .filter(({ name }) => name !== '')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async function write(path: string, name: string, descriptor: Descriptor): Promise<void> {
    const tag: ImageTag = { name, descriptor, created: new Date().toISOString() };
    await writeFileAtomic(path, encodeChecked([tag]), { tmp: layout.tmp });
  }

  async function keepUntagged(descriptor: Descriptor): Promise<void> {
    const isNamed = list().some((other) => other.descriptor.digest === descriptor.digest);
    if (!isNamed) await write(untaggedPath(descriptor.digest), '', descriptor);
  }

  /** Whether a name stands for it already, in both places; a build that made nothing new writes nothing. */
  function isWritten(full: string, descriptor: Descriptor): boolean {
    const found = decode(pathOf(full));
    if (found?.name !== full || JSON.stringify(found.descriptor) !== JSON.stringify(descriptor)) return false;
    if (existsSync(untaggedPath(descriptor.digest))) return false;
    try {
      const { manifests } = JSON.parse(readFileSync(layout.index, 'utf8')) as { manifests: Descriptor[] };
      const entry = JSON.stringify(indexEntry(found));
      return manifests.some((one) => JSON.stringify(one) === entry);
    } catch {
      return false;
    }
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
    isIndexed() {
      try {
        return readFileSync(layout.index).equals(encodeIndex(list().map(indexEntry)));
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return list().length === 0;
        throw diskError(error, 'reading the index of the store');
      }
    },
    index: () => change('listing images', async () => {}),
    resolve(name) {
      layout.check();
      const full = fullName(name);
      const found = decode(pathOf(full));
      return found?.name === full ? found.descriptor : undefined;
    },
    async tag(name, descriptor) {
      const full = fullName(name);
      const { digest = descriptor.digest } = parseReference(name);
      if (digest !== descriptor.digest) {
        throw new SlipwayError('ERR_USAGE', `${full} can't be the name of ${descriptor.digest}`, {
          hint: 'give a name and a tag: a digest follows from what is named',
        });
      }
      if (!(await store.info(descriptor.digest))) {
        throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${descriptor.digest} is not in the store`, {
          hint: `it can't be named ${full} before it is stored`,
        });
      }
      if (isWritten(full, descriptor)) return;
      await change(`naming ${full}`, async () => {
        const before = decode(pathOf(full));
        await write(pathOf(full), full, descriptor);
        if (before && before.descriptor.digest !== descriptor.digest) await keepUntagged(before.descriptor);
        await rm(untaggedPath(descriptor.digest), { force: true });
      });
    },
    untagged: () =>
      all()
        .filter(({ name }) => name === '')
        .sort((a, b) => (a.descriptor.digest < b.descriptor.digest ? -1 : 1)),
    async keep(descriptor) {
      layout.check();
      // What a build that made nothing new keeps is kept already.
      if (decode(untaggedPath(descriptor.digest))) return;
      await change('keeping an image', () => keepUntagged(descriptor));
    },
    forget: (digest) => change('removing an image', () => rm(untaggedPath(digest), { force: true })),
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
