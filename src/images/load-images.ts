// `load`: images from an archive or a layout, checked to the last byte before any of it is in the store.
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openState, type State } from '../build/state.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError, systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { readUntilAborted } from '../fs/until-aborted.ts';
import type { LoadedImage, LoadRequest } from '../image-request.ts';
import { decompress } from '../layer/decompress.ts';
import { createUnpackCounter } from '../layer/unpack-limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DiffID, type Digest, finishDigest, newHash } from '../oci/digest.ts';
import { type ArchiveFiles, type Incoming, readFolderFiles, readTarFiles } from './archive-files.ts';
import type { ArchivedImage } from './archived-image.ts';
import { createIncomingBlobs } from './incoming-blobs.ts';
import { readArchive } from './read-archive.ts';

/** Nothing is kept of an archive with anything wrong. @throws as readArchive; ERR_CONTEXT where there is no such file */
export async function loadImages(
  engine: EngineOptions,
  request: LoadRequest,
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<LoadedImage[]> {
  await using state = openState(engine);
  await using incoming = await createIncomingBlobs(state);
  const { store } = incoming;
  const { budget } = state;
  const files = await archiveFilesOf(request.source, { cwd: request.cwd, store, budget }, signal);
  const images = await readArchive(files, { store, platform: request.platform });
  const layers = await checkLayers(images, { store, budget }, signal);
  await incoming.accept(images.flatMap(({ blobs }) => blobs));
  for (const { diffID, size, blob } of layers)
    await state.layers.add(diffID, { size, ...((diffID as string) === blob.digest ? {} : { blob }) });
  return keepImages(images, state);
}

/** The files of an archive or of a layout's folder, in the incoming store. @throws ERR_SOURCE_NOT_FOUND, ERR_BAD_ARCHIVE */
export async function archiveFilesOf(
  source: LoadRequest['source'],
  { cwd, ...kept }: { cwd: string } & Incoming,
  signal: AbortSignal,
): Promise<ArchiveFiles> {
  if ('stream' in source) return readTarFiles(readUntilAborted(source.stream, signal), kept, signal);
  const path = resolve(cwd, source.path);
  if (isFolder(path)) return readFolderFiles(path, kept.store, signal);
  return readTarFiles(chunksOf(path), kept, signal);
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 });
  } catch (error) {
    throw diskError(error, `reading ${path}`);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw diskError(error, `reading ${path}`);
    throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `there is no file ${path}`, {
      hint: 'name an archive that "save" wrote, or a folder with an OCI layout',
    });
  }
}

interface CheckedLayer {
  diffID: DiffID;
  size: number;
  blob: Descriptor;
}

/** Every layer unpacks to what its config says. @throws ERR_BAD_IMAGE, ERR_DIGEST_MISMATCH, ERR_BAD_ARCHIVE */
async function checkLayers(
  images: readonly ArchivedImage[],
  incoming: Incoming,
  signal: AbortSignal,
): Promise<CheckedLayer[]> {
  const checked = new Map<Digest, CheckedLayer>();
  for (const { manifest, diffIDs } of images.flatMap(({ manifests }) => manifests)) {
    if (diffIDs.length !== manifest.layers.length) {
      throw new SlipwayError(
        'ERR_BAD_IMAGE',
        `the image has ${manifest.layers.length} layers, and its configuration names ${diffIDs.length}`,
      );
    }
    for (const [index, blob] of manifest.layers.entries()) {
      const known = checked.get(blob.digest) ?? (await unpacked(blob, incoming, signal));
      checked.set(blob.digest, known);
      if ((known.diffID as string) === diffIDs[index]) continue;
      throw new SlipwayError(
        'ERR_DIGEST_MISMATCH',
        `the layer ${blob.digest} unpacks to ${known.diffID}, and not to ${diffIDs[index]}`,
        { hint: 'the archive is damaged or forged: fetch or make it again' },
      );
    }
  }
  return [...checked.values()];
}

async function unpacked(
  blob: Descriptor,
  { store, budget }: Incoming,
  signal: AbortSignal,
): Promise<CheckedLayer> {
  const hash = newHash();
  let size = 0;
  for await (const chunk of decompress(store.open(blob.digest), signal, createUnpackCounter(budget))) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { diffID: finishDigest(hash) as string as DiffID, size, blob };
}

async function keepImages(images: readonly ArchivedImage[], state: State): Promise<LoadedImage[]> {
  const loaded: LoadedImage[] = [];
  for (const { descriptor, name, manifests } of images) {
    if (name === undefined) await state.images.keep(descriptor);
    else await state.images.tag(name, descriptor);
    const [only] = manifests;
    const isIndex = /index|manifest\.list/.test(descriptor.mediaType);
    const id = only && !isIndex ? only.manifest.config.digest : descriptor.digest;
    loaded.push({ name, id, descriptor });
  }
  return loaded;
}
