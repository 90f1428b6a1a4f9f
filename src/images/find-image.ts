// Which image of the store a user means: by name, by name and digest, by an ID or digest, perhaps cut short.
import { SlipwayError } from '../errors.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import { familiarReference, formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { StoredImage } from './catalog.ts';

export interface FoundImage {
  image: StoredImage;
  /** In full, where it was found by a name. */
  name: string | undefined;
}

const idForm = /^(?:sha256:)?([0-9a-f]{2,64})$/;

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BAD_REFERENCE; ERR_USAGE where an ID fits several images. */
export function findImage(images: readonly StoredImage[], text: string): FoundImage {
  const found = findOrNothing(images, text);
  if (found) return found;
  throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `there is no image ${text} here`, {
    hint: 'list what there is with "slipway images", or get it with "slipway pull"',
  });
}

/** The same; undefined where there is none. */
export function findOrNothing(images: readonly StoredImage[], text: string): FoundImage | undefined {
  const hex = idForm.exec(text)?.[1];
  const reference = text.startsWith('sha256:') && hex ? undefined : referenceOf(text, hex !== undefined);
  const byName = reference && findByName(images, reference);
  if (byName) return byName;
  return hex === undefined ? undefined : findByPrefix(images, text, hex);
}

function referenceOf(text: string, mayFail: boolean): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (mayFail) return undefined;
    throw error;
  }
}

function findByName(images: readonly StoredImage[], reference: Reference): FoundImage | undefined {
  const { digest, ...named } = reference;
  if (digest === undefined) {
    const name = formatReference(reference);
    const image = images.find(({ names }) => names.includes(name));
    return image && { image, name };
  }
  const repository = `${named.registry}/${named.repository}`;
  const image = images.find(
    ({ descriptor, names }) =>
      descriptor.digest === digest && names.some((name) => repositoryOf(name) === repository),
  );
  const name = image?.names.find((one) => repositoryOf(one) === repository);
  return image && { image, name };
}

/** `docker.io/library/app` of a full name. */
export function repositoryOf(name: string): string {
  const { registry, repository } = parseReference(name);
  return `${registry}/${repository}`;
}

function findByPrefix(images: readonly StoredImage[], text: string, hex: string): FoundImage | undefined {
  const fits = (digest: Digest): boolean => hexOf(digest).startsWith(hex);
  const hits = images.filter(
    ({ id, descriptor, manifests }) =>
      fits(id) || fits(descriptor.digest) || manifests.some((one) => fits(one.descriptor.digest)),
  );
  const ids = new Set(hits.map(({ id }) => id));
  if (ids.size <= 1) return hits[0] && { image: hits[0], name: undefined };
  const list = hits.map(({ id, names }) => `${hexOf(id).slice(0, 16)} ${shown(names)}`).slice(0, 10);
  throw new SlipwayError('ERR_USAGE', `${text} fits ${ids.size} images`, {
    hint: `give more of the ID: ${list.join(', ')}`,
  });
}

const shown = (names: readonly string[]): string =>
  names[0] === undefined ? '<none>' : familiarReference(parseReference(names[0]));
