// `save`: images of the store as an archive or folder that docker, podman, skopeo and others load.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openState, type State } from '../build/state.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { NamedImage } from '../export/docker-archive.ts';
import { exportError } from '../export/export-error.ts';
import { blobFile, layoutDocuments } from '../export/oci-layout.ts';
import { type OutgoingFile, partPrefix, tarOfFiles, writeFileWhole } from '../export/outgoing-file.ts';
import { writeOutput } from '../export/write-output.ts';
import { removeAbandoned } from '../fs/unique-name.ts';
import type { SaveRequest } from '../image-request.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { hexOf } from '../oci/digest.ts';
import { isIndex, parseManifest } from '../oci/manifest.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { readCatalog, readStoredImage, type StoredImage } from './catalog.ts';
import { chooseManifest } from './choose-manifest.ts';
import { ensureLayers } from './ensure-layers.ts';
import { findImage } from './find-image.ts';
import { openStore } from './open-store.ts';

interface Saved extends NamedImage {
  /** All that it consists of, documents last. */
  blobs: Descriptor[];
}

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BLOB_NOT_FOUND, ERR_EXPORT, ERR_USAGE; what fetching layers throws. */
export async function saveImages(
  engine: EngineOptions,
  request: SaveRequest,
  call: CallOptions,
): Promise<void> {
  const catalog = await readCatalog(openStore(engine));
  const found = request.images.map((text) => ({ text, ...findImage(catalog, text) }));
  await using state = openState(engine);
  const saved = new Map<string, Saved>();
  for (const { text, image, name } of found) {
    // Again, so that it stays until it is written.
    const held = { ...(await readStoredImage(state.store, image.descriptor)), names: image.names };
    const one = await collect(held, { text, platform: request.platform }, { engine, state, call });
    const known = saved.get(one.image.descriptor.digest) ?? one;
    const names = [...new Set([...known.names, ...(name === undefined ? [] : [name])])];
    saved.set(one.image.descriptor.digest, { ...known, names });
  }
  await write([...saved.values()], { request, state, call });
}

/** The image as it is to be written, its layers at hand. */
async function collect(
  image: StoredImage,
  { text, platform }: { text: string; platform: Platform | undefined },
  parts: { engine: EngineOptions; state: State; call: CallOptions },
): Promise<Saved> {
  const { store } = parts.state;
  const whole = platform === undefined && (!image.isIndex || (await isWhole(image, parts.state)));
  const only = platform ?? (image.manifests.length === 1 ? image.manifests[0]!.platform : undefined);
  if (!whole && only === undefined) {
    const there = image.manifests.map((one) => formatPlatform(one.platform)).join(', ');
    throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${text} is not here for all of its platforms`, {
      hint: `give --platform: it has ${there || 'none'}`,
    });
  }
  const manifests = whole && image.isIndex ? image.manifests : [chooseManifest(image, text, only)];
  await ensureLayers(image, manifests, parts);
  const layers = manifests.flatMap(({ manifest }) => manifest.layers);
  const others = whole ? image.others : [];
  for (const { digest } of others) {
    if (!(await store.info(digest)))
      throw new SlipwayError('ERR_BLOB_NOT_FOUND', `${digest} of ${text} is not in the store`, {
        hint: 'give --platform: attestations stay out then',
      });
  }
  const documents = whole
    ? image.documents
    : [manifests[0]!.manifest.config.digest, manifests[0]!.descriptor.digest];
  const infos: Descriptor[] = [];
  for (const digest of documents) infos.push({ mediaType: '', ...(await store.info(digest))! });
  return {
    names: [],
    image: {
      descriptor: whole ? image.descriptor : manifests[0]!.descriptor,
      manifests: manifests.map(({ descriptor, manifest }) => ({
        descriptor,
        config: manifest.config,
        layers: manifest.layers,
      })),
    },
    blobs: [...layers, ...others, ...infos],
  };
}

/** Whether every manifest that the index lists is stored. */
async function isWhole(image: StoredImage, { store }: State): Promise<boolean> {
  if (!image.documents.includes(image.descriptor.digest)) return false;
  const document = parseManifest(await store.read(image.descriptor.digest), image.descriptor.mediaType);
  return !isIndex(document) || document.manifests.every(({ digest }) => image.documents.includes(digest));
}

interface Writing {
  request: SaveRequest;
  state: State;
  call: CallOptions;
}

async function write(saved: readonly Saved[], { request, state, call }: Writing): Promise<void> {
  const { format, dest, cwd, stdout } = request;
  const isFolder = format === 'docker-dir' || format === 'oci-dir';
  if (isFolder && dest === '-') {
    throw new SlipwayError('ERR_USAGE', `${format} is a folder, and can't be written to a stream`, {
      hint: 'name a folder with --output',
    });
  }
  const path = dest === '-' ? dest : resolve(cwd, dest);
  if (format === 'docker-dir') return writeDirectory(saved, path, state);
  const files = layoutFiles(saved, format === 'docker-archive', state);
  if (format === 'oci-dir') return writeFolder(files, path);
  const tar = tarOfFiles(files, { folders: ['blobs/', 'blobs/sha256/'], mtime: 0 });
  await writeOutput(tar, { dest: path, stdout, signal: call.signal });
}

async function* layoutFiles(
  saved: readonly Saved[],
  docker: boolean,
  { store }: State,
): AsyncGenerator<OutgoingFile> {
  const seen = new Set<string>();
  for (const blob of saved.flatMap(({ blobs }) => blobs)) {
    if (!seen.has(blob.digest)) yield blobFile(blob, store);
    seen.add(blob.digest);
  }
  for (const [name, content] of layoutDocuments(saved, docker).reverse())
    yield { path: name, size: content.length, content: [content] };
}

async function writeFolder(files: AsyncIterable<OutgoingFile>, path: string): Promise<void> {
  try {
    await mkdir(join(path, 'blobs', 'sha256'), { recursive: true });
    removeAbandoned(path, partPrefix);
    for await (const file of files) await writeFileWhole(path, file);
  } catch (error) {
    throw exportError(error, path);
  }
}

/** As skopeo's `dir:` has it: one manifest, and its blobs beside it. */
async function writeDirectory(saved: readonly Saved[], path: string, { store }: State): Promise<void> {
  const [only, ...more] = saved;
  const [manifest, ...others] = only!.image.manifests;
  if (more.length > 0 || others.length > 0) {
    throw new SlipwayError('ERR_USAGE', 'docker-dir holds one image for one platform', {
      hint: 'give one image, and --platform; or another --format',
    });
  }
  try {
    await mkdir(path, { recursive: true });
    removeAbandoned(path, partPrefix);
    for (const { digest, size } of [manifest!.config, ...manifest!.layers])
      await writeFileWhole(path, { path: hexOf(digest), size, content: store.open(digest) });
    const bytes = await store.read(manifest!.descriptor.digest);
    const version = Buffer.from('Directory Transport Version: 1.1\n');
    await writeFileWhole(path, { path: 'version', size: version.length, content: [version] });
    await writeFileWhole(path, { path: 'manifest.json', size: bytes.length, content: [bytes] });
  } catch (error) {
    throw exportError(error, path);
  }
}
