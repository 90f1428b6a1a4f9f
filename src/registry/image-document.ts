// Manifests as a registry hands them out: verified, told apart, and the one for a platform picked.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { type Index, isIndex, type Manifest, manifestLimit, parseManifest } from '../oci/manifest.ts';
import { isIndexType, isManifestType, mediaType } from '../oci/media-type.ts';
import { formatPlatform, matchPlatform, type Platform } from '../oci/platform.ts';
import { type HttpAnswer, headerOf } from './http.ts';
import { cleanText } from './redact.ts';

export interface ImageDocument {
  bytes: Buffer;
  digest: Digest;
  document: Manifest | Index;
}

/** What a reference or an index says of a manifest. */
export interface Expected {
  digest: Digest;
  size?: number;
}

/** The content type without its parameters. */
function typeOf(answer: HttpAnswer): string {
  return (headerOf(answer, 'content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** @throws ERR_REGISTRY where something else than a registry answered */
export function refuseWebPage(answer: HttpAnswer, name: string): void {
  const type = typeOf(answer);
  if (type !== 'text/html' && type !== 'application/xhtml+xml') return;
  throw new SlipwayError(
    'ERR_REGISTRY',
    `${answer.url.host} answered with a web page, not the manifest of ${name}`,
    { hint: `check that ${answer.url.host} is a registry, and that no proxy or login page answers for it` },
  );
}

function isSchema1(bytes: Buffer, type: string): boolean {
  if (/^application\/vnd\.docker\.distribution\.manifest\.v1\+(json|prettyjws)$/.test(type)) return true;
  if (isManifestType(type) || isIndexType(type)) return false;
  try {
    return (JSON.parse(bytes.toString('utf8')) as { schemaVersion?: unknown } | null)?.schemaVersion === 1;
  } catch {
    return false;
  }
}

/** The digest of an answer's bytes. @throws ERR_DIGEST_MISMATCH */
function verify(answer: HttpAnswer, name: string, expected: Expected | undefined): Digest {
  const { bytes } = answer;
  const digest = digestOf(bytes);
  const said = headerOf(answer, 'docker-content-digest') ?? '';
  const wanted = expected?.digest ?? (isDigest(said) && !answer.foreign ? said : digest);
  if (digest !== wanted || (expected?.size !== undefined && expected.size !== bytes.length)) {
    throw new SlipwayError(
      'ERR_DIGEST_MISMATCH',
      `the manifest of ${name} is not what it should be: ${bytes.length} bytes came with the digest ${digest}, ${
        expected?.size === undefined ? '' : `${expected.size} bytes with `
      }${wanted} is right`,
      { hint: 'the registry or a proxy on the way serves wrong content' },
    );
  }
  return digest;
}

/**
 * Checks an answer's bytes against what asked for them, and parses them.
 * @throws ERR_DIGEST_MISMATCH, ERR_BAD_IMAGE, ERR_UNSUPPORTED (Docker's schema 1), ERR_REGISTRY (a web page)
 */
export function readDocument(answer: HttpAnswer, name: string, expected?: Expected): ImageDocument {
  const { bytes } = answer;
  if (answer.truncated) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      `the manifest of ${name} is larger than the ${manifestLimit >> 20} MiB that are read`,
    );
  }
  refuseWebPage(answer, name);
  const type = typeOf(answer);
  // Before the digest, which for a signed manifest of schema 1 is not that of the bytes.
  if (isSchema1(bytes, type)) {
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `${name} has a manifest of Docker's schema 1, which is not read`,
      {
        hint: 'push the image again with a builder of this decade',
      },
    );
  }
  const digest = verify(answer, name, expected);
  const document = parseManifest(bytes, type);
  // One digest must not stand for two images, by who reads it.
  if ('manifests' in document && ('layers' in document || 'config' in document))
    throw new SlipwayError('ERR_BAD_IMAGE', `the manifest of ${name} claims to be an index as well`);
  if (isIndex(document))
    return {
      bytes,
      digest,
      document: isIndexType(document.mediaType) ? document : { ...document, mediaType: mediaType.ociIndex },
    };
  const known = isManifestType(document.mediaType);
  return { bytes, digest, document: known ? document : { ...document, mediaType: mediaType.ociManifest } };
}

function isAttestation(entry: Descriptor): boolean {
  return (
    entry.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' ||
    (entry.platform?.os === 'unknown' && entry.platform.architecture === 'unknown')
  );
}

/** Entries that say where they run, in words that can be compared. */
function hasPlatform(entry: Descriptor): boolean {
  const platform = entry.platform as Partial<Platform> | null | undefined;
  if (typeof platform?.os !== 'string' || typeof platform.architecture !== 'string') return false;
  return [platform.variant, platform['os.version']].every(
    (text) => text === undefined || typeof text === 'string',
  );
}

/**
 * The entry of an index for a platform; the only one there is, where it names none.
 * @throws ERR_IMAGE_NOT_FOUND with the platforms there are.
 */
export function pickManifest(index: Index, platform: Platform, name: string): Descriptor {
  const images = index.manifests.filter((entry) => !isAttestation(entry));
  const placed = images.filter(hasPlatform);
  const hit = matchPlatform(placed, platform);
  if (hit) return hit;
  const [only] = images;
  if (only && images.length === 1 && placed.length === 0) return only;
  const names = [...new Set(placed.map((entry) => cleanText(formatPlatform(entry.platform!), 60)))];
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${name} has no image for ${formatPlatform(platform)}`, {
    hint:
      names.length > 0
        ? `it has ${names.join(', ')}; choose one with --platform`
        : 'its index lists no images',
  });
}
