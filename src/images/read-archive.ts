// The images of an archive: an OCI layout (image-layout.md), or docker's manifest.json with layers wherever it says. All that is
// returned is in the incoming store, and checked.

import { SlipwayError } from '../errors.ts';
import { badArchive } from '../layer/bad-archive.ts';
import { parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import { type Index, isIndex, type Manifest, parseManifest } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { formatPlatform, matchPlatform } from '../oci/platform.ts';
import { imageNameAnnotation, refNameAnnotation } from '../store/image-store.ts';
import type { ArchiveFiles } from './archive-files.ts';
import {
  type ArchivedImage,
  archivedNames,
  mostImages,
  type ReadArchiveOptions,
  unique,
} from './archived-image.ts';
import { parseDocker, readDocker } from './read-docker-archive.ts';

/** @throws ERR_BAD_ARCHIVE, ERR_BAD_IMAGE, ERR_DIGEST_MISMATCH, ERR_UNSUPPORTED, ERR_IMAGE_NOT_FOUND for the platform */
export async function readArchive(
  files: ArchiveFiles,
  options: ReadArchiveOptions,
): Promise<ArchivedImage[]> {
  const docker = await files.read('manifest.json');
  if ((await files.find('oci-layout')) && (await files.find('index.json')))
    return readLayout(files, docker, options);
  if (docker) return readDocker(files, docker, options);
  if ((await files.find('repositories')) !== undefined) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'the archive is of a docker before 1.10', {
      hint: 'load it with docker or skopeo, and save it again',
    });
  }
  throw badArchive('it has neither index.json nor manifest.json: it holds no image');
}

async function readLayout(
  files: ArchiveFiles,
  docker: Buffer | undefined,
  options: ReadArchiveOptions,
): Promise<ArchivedImage[]> {
  const index = parseManifest((await files.read('index.json'))!, mediaType.ociIndex);
  if (!isIndex(index)) throw badArchive('its index.json is no index');
  if (index.manifests.length > mostImages) throw badArchive(`it has more than ${mostImages} images`);
  const tags = docker ? repoTags(docker) : new Map<string, string[]>();
  const images: ArchivedImage[] = [];
  for (const entry of index.manifests) {
    const image = await readImage(files, entry, options);
    images.push(...namesOf(entry, image, tags).map((name) => ({ ...image, name })));
  }
  return unique(images);
}

/** By the paths of configs. */
function repoTags(bytes: Buffer): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  for (const { Config, RepoTags } of parseDocker(bytes))
    tags.set(Config, [...(tags.get(Config) ?? []), ...RepoTags]);
  return tags;
}

function namesOf(
  { annotations }: Descriptor,
  image: ArchivedImage,
  tags: ReadonlyMap<string, string[]>,
): (string | undefined)[] {
  const given = annotations?.[imageNameAnnotation] ?? fullName(annotations?.[refNameAnnotation]);
  if (given !== undefined) return archivedNames([given], image.descriptor.digest);
  const own = image.manifests.flatMap(
    ({ manifest }) => tags.get(`blobs/sha256/${hexOf(manifest.config.digest)}`) ?? [],
  );
  return archivedNames(own, image.descriptor.digest);
}

/** A bare tag is no name. */
function fullName(text: string | undefined): string | undefined {
  return text !== undefined && /[/:]/.test(text) ? text : undefined;
}

async function readImage(
  files: ArchiveFiles,
  top: Descriptor,
  { platform }: Pick<ReadArchiveOptions, 'platform'>,
): Promise<ArchivedImage> {
  const read = await readVerified(files, top);
  // Names and notes of the layout are not the image's own.
  const { annotations: _annotations, ...descriptor } = top;
  const found: ArchivedImage = { descriptor, name: undefined, manifests: [], blobs: [] };
  if (isIndex(read) && platform) {
    const hit = matchPlatform(read.manifests, platform);
    if (!hit) {
      const there = read.manifests.flatMap((one) => (one.platform ? formatPlatform(one.platform) : []));
      throw new SlipwayError(
        'ERR_IMAGE_NOT_FOUND',
        `the archive has no image for ${formatPlatform(platform)}`,
        {
          hint: `it has: ${there.join(', ') || 'none that says for which platform it is'}`,
        },
      );
    }
    await collect(files, hit, { found, seen: new Set(), depth: 0 });
    const { annotations: _notes, ...one } = hit;
    return { ...found, descriptor: one };
  }
  await collect(files, top, { found, seen: new Set(), depth: 0 });
  return found;
}

interface Collecting {
  found: ArchivedImage;
  /** Documents that were looked into: indexes may lead to one of them in more ways than can be counted. */
  seen: Set<Digest>;
  depth: number;
}

const deepest = 4;

async function collect(files: ArchiveFiles, descriptor: Descriptor, collecting: Collecting): Promise<void> {
  const { found, seen, depth } = collecting;
  if (depth > deepest) throw badArchive('it has too many indexes in indexes');
  if (seen.has(descriptor.digest)) return;
  seen.add(descriptor.digest);
  const document = await readVerified(files, descriptor);
  found.blobs.push(descriptor.digest);
  if (isIndex(document)) {
    let lacking: Digest | undefined;
    for (const entry of document.manifests) {
      if (seen.has(entry.digest)) continue;
      const missing = await missingOf(files, entry);
      lacking ??= missing;
      if (!missing) await collect(files, entry, { ...collecting, depth: depth + 1 });
    }
    // Docker saves the index of all platforms, and of those it has not pulled nothing else.
    if (lacking !== undefined && found.manifests.length === 0) throw badArchive(`${lacking} is missing`);
    return;
  }
  for (const blob of [document.config, ...document.layers]) {
    const { digest, size } = await findBlob(files, blob.digest);
    if (size !== blob.size) throw badArchive(`${digest} has ${size} bytes, and not ${blob.size}`);
    found.blobs.push(digest);
  }
  const type = document.config.mediaType;
  if (type !== mediaType.ociConfig && type !== mediaType.dockerConfig) return;
  if (descriptor.annotations?.['vnd.docker.reference.type'] !== undefined) return;
  const config = parseConfig((await files.read(`blobs/sha256/${hexOf(document.config.digest)}`))!);
  found.manifests.push({ manifest: document, diffIDs: config.rootfs.diff_ids as string[] as Digest[] });
}

/** The first blob of an index's entry that the archive does not have. */
async function missingOf(files: ArchiveFiles, descriptor: Descriptor): Promise<Digest | undefined> {
  const isThere = async ({ digest }: Descriptor): Promise<boolean> =>
    (await files.find(`blobs/sha256/${hexOf(digest)}`)) !== undefined;
  if (!(await isThere(descriptor))) return descriptor.digest;
  const document = await readVerified(files, descriptor);
  for (const blob of isIndex(document) ? [] : [document.config, ...document.layers])
    if (!(await isThere(blob))) return blob.digest;
  return undefined;
}

async function findBlob(files: ArchiveFiles, digest: Digest): Promise<{ digest: Digest; size: number }> {
  const blob = await files.find(`blobs/sha256/${hexOf(digest)}`);
  if (!blob) throw badArchive(`${digest} is missing`);
  if (blob.digest === digest) return blob;
  throw new SlipwayError('ERR_DIGEST_MISMATCH', `what the archive has as ${digest} is ${blob.digest}`, {
    hint: 'it is damaged or forged: fetch or make it again',
  });
}

async function readVerified(files: ArchiveFiles, descriptor: Descriptor): Promise<Manifest | Index> {
  const { size } = await findBlob(files, descriptor.digest);
  if (size !== descriptor.size)
    throw badArchive(`${descriptor.digest} has ${size} bytes, and not ${descriptor.size}`);
  const bytes = await files.read(`blobs/sha256/${hexOf(descriptor.digest)}`);
  return parseManifest(bytes!, descriptor.mediaType);
}
