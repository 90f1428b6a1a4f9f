// Which annotations go where (annotations.md of the image spec; the four places are those of BuildKit's exporters).
import type { Annotation } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import { formatPlatform, type Platform, samePlatform } from '../oci/platform.ts';

/** Keys in order, so that the order in which they were given does not show; undefined for none. */
function sorted(pairs: readonly (readonly [string, string])[]): Record<string, string> | undefined {
  if (pairs.length === 0) return undefined;
  // Of two values for one key the later one holds.
  const last = new Map(pairs);
  return Object.fromEntries([...last].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Those for one place. What is said of one platform goes before what is said of all. */
export function annotationsFor(
  annotations: readonly Annotation[] | undefined,
  type: Annotation['type'],
  platform?: Platform,
): Record<string, string> | undefined {
  const here = (annotations ?? []).filter((one) => one.type === type);
  const general = here.filter((one) => !one.platform || type.startsWith('index'));
  const own = here.filter(
    (one) => platform && one.platform && !type.startsWith('index') && samePlatform(one.platform, platform),
  );
  return sorted([...general, ...own].map(({ key, value }) => [key, value] as const));
}

/** Two sets of annotations as one, keys in order. */
export function joinAnnotations(
  first: Record<string, string> | undefined,
  second: Record<string, string>,
): Record<string, string> {
  return sorted([...Object.entries(first ?? {}), ...Object.entries(second)]) ?? {};
}

/** @throws ERR_USAGE where an annotation is for what this build does not make. */
export function checkAnnotations(
  annotations: readonly Annotation[] | undefined,
  platforms: readonly Platform[],
  isIndex: boolean = platforms.length > 1,
): void {
  for (const { type, platform, key } of annotations ?? []) {
    if (type.startsWith('index')) {
      if (isIndex) continue;
      throw new SlipwayError(
        'ERR_USAGE',
        `the annotation ${key} is for an index, and an image of one platform has none`,
        { hint: 'annotate the manifest, or build for several platforms with --platform' },
      );
    }
    if (platform && !platforms.some((one) => samePlatform(one, platform))) {
      throw new SlipwayError(
        'ERR_USAGE',
        `the annotation ${key} is for ${formatPlatform(platform)}, which is not built`,
        { hint: `this build makes ${platforms.map(formatPlatform).join(', ')}` },
      );
    }
  }
}
