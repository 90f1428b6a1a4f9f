// An image in an archive or a layout that is looked into: nothing of it is kept.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { State } from '../build/state.ts';
import { SlipwayError } from '../errors.ts';
import { decompress } from '../layer/decompress.ts';
import { createUnpackCounter } from '../layer/unpack-limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DiffID, finishDigest, newHash } from '../oci/digest.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { Incoming } from './archive-files.ts';
import type { ArchivedImage } from './archived-image.ts';
import { readStoredImage, type StoredManifest } from './catalog.ts';
import { chooseManifest } from './choose-manifest.ts';
import { createIncomingBlobs } from './incoming-blobs.ts';
import type { OpenImageRequest } from './inspected-image.ts';
import { archiveFilesOf } from './load-images.ts';
import { readArchive } from './read-archive.ts';

export interface OpenedArchive {
  chosen: StoredManifest;
  /** The tar of a layer, verified. */
  open(layer: number, signal: AbortSignal): AsyncIterable<Buffer>;
}

interface ArchiveParts {
  state: State;
  hold(resource: AsyncDisposable): void;
  signal: AbortSignal;
}

/** @param text `PATH[:NAME]`. @throws ERR_SOURCE_NOT_FOUND, ERR_BAD_ARCHIVE, ERR_IMAGE_NOT_FOUND; ERR_USAGE where it has several */
export async function openArchive(
  text: string,
  { platform, cwd, image }: OpenImageRequest,
  { state, hold, signal }: ArchiveParts,
): Promise<OpenedArchive> {
  const { path, tag } = splitTag(text, cwd);
  const incoming = await createIncomingBlobs(state);
  hold(incoming);
  const { store } = incoming;
  const files = await archiveFilesOf({ path }, { cwd, store, budget: state.budget }, signal);
  const images = await readArchive(files, { store, platform: undefined });
  const stored = await readStoredImage(store, chooseArchived(images, tag, image).descriptor);
  const chosen = chooseManifest(stored, image, platform);
  const { manifest, config } = chosen;
  const layerOf = (layer: number) => ({
    blob: manifest.layers[layer]!,
    diffID: config.rootfs.diff_ids[layer]!,
  });
  return { chosen, open: (layer, both) => verified({ store, budget: state.budget }, layerOf(layer), both) };
}

/** The longest beginning that exists is the path. */
function splitTag(text: string, cwd: string): { path: string; tag: string | undefined } {
  for (let end = text.length; end > 0; end = text.lastIndexOf(':', end - 1)) {
    const path = text.slice(0, end);
    if (existsSync(resolve(cwd, path))) return { path, tag: text.slice(end + 1) || undefined };
  }
  return { path: text, tag: undefined };
}

function chooseArchived(
  images: readonly ArchivedImage[],
  tag: string | undefined,
  name: string,
): ArchivedImage {
  const fits = ({ name: own }: ArchivedImage): boolean =>
    own !== undefined && (own === fullName(tag!) || own.endsWith(`:${tag}`));
  const found = tag === undefined ? images : images.filter(fits);
  const digests = new Set(found.map(({ descriptor }) => descriptor.digest));
  if (found[0] && digests.size === 1) return found[0];
  const there = images.map((one) => one.name ?? one.descriptor.digest).slice(0, 10);
  if (found.length === 0)
    throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `there is no ${tag ?? 'image'} in ${name}`, {
      hint: `it has: ${there.join(', ') || 'nothing'}`,
    });
  throw new SlipwayError('ERR_USAGE', `${name} has ${digests.size} images`, {
    hint: `say which, as PATH:NAME: ${there.join(', ')}`,
  });
}

function fullName(tag: string): string | undefined {
  try {
    return formatReference(parseReference(tag));
  } catch {
    return undefined;
  }
}

async function* verified(
  { store, budget }: Incoming,
  { blob, diffID }: { blob: Descriptor; diffID: DiffID },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const hash = newHash();
  for await (const chunk of decompress(store.open(blob.digest), signal, createUnpackCounter(budget))) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = finishDigest(hash);
  if ((actual as string) === diffID) return;
  throw new SlipwayError(
    'ERR_DIGEST_MISMATCH',
    `the layer ${blob.digest} unpacks to ${actual}, and not to ${diffID}`,
    {
      hint: 'the archive is damaged or forged: fetch or make it again',
    },
  );
}
