// The manifest of an image for one platform.
import { thisPlatform } from '../build/plan-build.ts';
import { SlipwayError } from '../errors.ts';
import { formatPlatform, matchPlatform, type Platform } from '../oci/platform.ts';
import type { StoredImage, StoredManifest } from './catalog.ts';

/**
 * @param platform undefined: this machine's where the image has it, else its first.
 * @throws ERR_IMAGE_NOT_FOUND, ERR_BLOB_NOT_FOUND
 */
export function chooseManifest(
  { manifests }: StoredImage,
  name: string,
  platform: Platform | undefined,
): StoredManifest {
  if (manifests.length === 0) {
    throw new SlipwayError('ERR_BLOB_NOT_FOUND', `the documents of ${name} are missing or damaged`, {
      hint: 'build, load or pull it again',
    });
  }
  const found = matchPlatform(manifests, platform ?? thisPlatform());
  if (found) return found;
  if (platform === undefined) return manifests[0]!;
  const there = manifests.map((one) => formatPlatform(one.platform)).join(', ');
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${name} has no image for ${formatPlatform(platform)}`, {
    hint: `it has: ${there}`,
  });
}
