// Package URLs (the purl specification): names of packages and images that other tools can match.
import { formatPlatform, normalizePlatform, type Platform } from '../oci/platform.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';

export interface PackageParts {
  /** `deb`, `npm`, `docker`. */
  type: string;
  /** With slashes between its segments; '' or undefined for none. */
  namespace?: string | undefined;
  name: string;
  version?: string | undefined;
  /** Those that are undefined or empty are left out. */
  qualifiers?: Record<string, string | undefined>;
}

/** All but letters, digits and `.-_~:` is escaped, byte by byte. */
function escapePart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD'))
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}

/** `pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12`. Qualifiers are sorted by their names. */
export function formatPurl({ type, namespace = '', name, version, qualifiers = {} }: PackageParts): string {
  const segments = namespace.split('/').filter((segment) => segment !== '');
  const path = [...segments, name].map(escapePart).join('/');
  const query = Object.entries(qualifiers)
    .filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${escapePart(value)}`)
    .join('&');
  return `pkg:${type}/${path}${version ? `@${escapePart(version)}` : ''}${query === '' ? '' : `?${query}`}`;
}

/** An image as BuildKit names it: `pkg:docker/alpine@3.19?platform=linux%2Famd64`. @throws ERR_BAD_REFERENCE */
export function imagePurl(reference: string, platform: Platform): string {
  const { tag, digest, ...repository } = parseReference(reference);
  const path = familiarReference(repository);
  const slash = path.lastIndexOf('/');
  return formatPurl({
    type: 'docker',
    namespace: path.slice(0, Math.max(slash, 0)),
    name: path.slice(slash + 1),
    version: tag,
    qualifiers: { digest, platform: formatPlatform(normalizePlatform(platform)) },
  });
}

/** An image of an OCI layout, which has a name only beside it. */
export function layoutPurl(name: string, version: string | undefined, platform: Platform): string {
  return formatPurl({
    type: 'oci',
    name,
    version,
    qualifiers: { platform: formatPlatform(normalizePlatform(platform)) },
  });
}
