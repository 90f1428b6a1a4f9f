// Alpine packages: apk's database of blocks of one-letter fields.
import { formatPurl } from '../purl.ts';
import { distroOf } from './dpkg.ts';
import {
  type Distribution,
  type FoundPackage,
  readSmall,
  type ScannedFiles,
  shortText,
} from './found-package.ts';

const largest = 64 << 20;

export function isApkFile(path: string): boolean {
  return path === '/lib/apk/db/installed' || path === '/usr/lib/apk/db/installed';
}

export function* readApk(
  files: ScannedFiles,
  path: string,
  distribution: Distribution | undefined,
): Generator<FoundPackage, void> {
  for (const block of blocksOf(readSmall(files, path, largest) ?? '')) {
    const fields = new Map([...block.matchAll(/^([A-Za-z]):(.*)$/gm)].map(([, key, value]) => [key, value]));
    const name = shortText(fields.get('P'), 200);
    const version = shortText(fields.get('V'), 200);
    if (name === undefined || version === undefined) continue;
    yield {
      name,
      version,
      purl: formatPurl({
        type: 'apk',
        namespace: distribution?.id ?? 'alpine',
        name: name.toLowerCase(),
        version,
        qualifiers: {
          arch: shortText(fields.get('A'), 60),
          distro: distroOf(distribution),
          upstream: shortText(fields.get('o'), 200),
        },
      }),
      license: shortText(fields.get('L')),
      maintainer: shortText(fields.get('m')),
      homepage: shortText(fields.get('U')),
      foundIn: path,
    };
  }
}

/** One after the other, so that a large file is not split at once. */
function* blocksOf(text: string): Generator<string, void> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n\n', at);
    yield end < 0 ? text.slice(at) : text.slice(at, end);
    at = end < 0 ? text.length : end + 2;
  }
}
