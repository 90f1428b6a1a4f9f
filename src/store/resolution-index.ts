// What references stood for when they were last asked for: so that a build without --pull needs no network.
import { join } from 'node:path';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf, hexOf, isDigest } from '../oci/digest.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { encodeChecked, readChecked } from './checked-file.ts';
import { createStoreRoot } from './store-root.ts';

export interface Resolution {
  /** Of the manifest for the platform: it and its config are in the store. */
  descriptor: Descriptor;
  /** What the reference itself stood for. */
  resolved: Digest;
}

export interface ResolutionIndex {
  get(reference: string, platform: Platform): Resolution | undefined;
  set(reference: string, platform: Platform, resolution: Resolution): Promise<void>;
}

/** The files below `root/resolutions-v1`. */
export function createResolutionIndex(root: string): ResolutionIndex {
  const layout = createStoreRoot(root);
  const keyOf = (reference: string, platform: Platform): string => `${reference} ${formatPlatform(platform)}`;
  const pathOf = (key: string): string => join(layout.resolutions, `${hexOf(digestOf(key))}.json`);
  return {
    get(reference, platform) {
      layout.check();
      const key = keyOf(reference, platform);
      const [line] = readChecked(pathOf(key)) ?? [];
      const found = line === undefined ? undefined : (JSON.parse(line) as Resolution & { key: string });
      if (found?.key !== key || !isDigest(found.descriptor?.digest) || !isDigest(found.resolved))
        return undefined;
      return { descriptor: found.descriptor, resolved: found.resolved };
    },
    async set(reference, platform, resolution) {
      layout.prepare();
      const key = keyOf(reference, platform);
      try {
        await writeFileAtomic(pathOf(key), encodeChecked([{ key, ...resolution }]), { tmp: layout.tmp });
      } catch (error) {
        throw diskError(error, `remembering ${reference}`);
      }
    },
  };
}
