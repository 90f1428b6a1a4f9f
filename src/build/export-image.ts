// Sends what was built where the request says: the local store, layouts, archives, folders.
import { resolve } from 'node:path';
import type { BuildRequest, OutputSpec } from '../build-request.ts';
import { compressLayer } from '../export/compress-layer.ts';
import { treeEntries, writeFiles } from '../export/files.ts';
import type { ExportedImage, ExportedManifest } from '../export/image.ts';
import { type LayoutOptions, ociTar, writeOciFolder } from '../export/oci-layout.ts';
import { writeOutput } from '../export/write-output.ts';
import { gzipChunks } from '../layer/compress.ts';
import { packLayer } from '../layer/tar-writer.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { encodeJson } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import type { OnEvent } from '../solver/events.ts';
import type { SolvedImage } from './solve-platform.ts';
import type { State } from './state.ts';

export interface ExportParts {
  state: State;
  request: BuildRequest;
  epoch: number | undefined;
  onEvent: OnEvent;
  now(): number;
}

async function storeJson(
  state: State,
  document: object,
  type: string,
  signal: AbortSignal,
): Promise<Descriptor> {
  const { digest, size } = await state.store.ingest([encodeJson(document)], undefined, signal);
  return { mediaType: type, digest, size };
}

async function storeManifest(
  image: SolvedImage,
  parts: ExportParts,
  signal: AbortSignal,
): Promise<ExportedManifest> {
  const { state } = parts;
  const layers = await Promise.all(
    image.layers.map((layer) =>
      compressLayer(
        layer,
        {
          store: state.store,
          openLayer: state.openLayer,
          forms: (diffID) => state.layers.forms(diffID),
          remember: (diffID, blob) => state.layers.add(diffID, { blob }),
          gzip: gzipChunks,
          fetch: state.fetch,
          exclusive: state.cache.exclusive,
        },
        signal,
      ),
    ),
  );
  const config = await storeJson(state, image.config, mediaType.ociConfig, signal);
  const manifest = { schemaVersion: 2, mediaType: mediaType.ociManifest, config, layers };
  const descriptor = await storeJson(state, manifest, mediaType.ociManifest, signal);
  return { descriptor: { ...descriptor, platform: platformOf(image.platform) }, config, layers };
}

/** Fields in the order in which the spec lists them. */
function platformOf(platform: Platform): Platform {
  const { architecture, os, variant } = platform;
  return { architecture, os, ...(variant ? { variant } : {}) };
}

/** Makes manifest and index; all blobs are stored when it returns. */
export async function storeImage(
  images: readonly SolvedImage[],
  parts: ExportParts,
  signal: AbortSignal,
): Promise<ExportedImage> {
  const manifests = await Promise.all(images.map((image) => storeManifest(image, parts, signal)));
  if (parts.request.platforms.length <= 1) {
    const { platform: _platform, ...descriptor } = manifests[0]!.descriptor;
    return { descriptor, manifests };
  }
  const index = {
    schemaVersion: 2,
    mediaType: mediaType.ociIndex,
    manifests: manifests.map(({ descriptor }) => descriptor),
  };
  return { descriptor: await storeJson(parts.state, index, mediaType.ociIndex, signal), manifests };
}

const labels: Record<OutputSpec['type'], string> = {
  image: 'exporting to image',
  oci: 'exporting to oci image format',
  docker: 'exporting to docker image format',
  local: 'exporting to client directory',
  tar: 'exporting to client tarball',
  cacheonly: 'keeping the cache',
};

export const needsImage = (output: OutputSpec): boolean => ['image', 'oci', 'docker'].includes(output.type);

/** Runs one output as a vertex of its own in the progress. */
export async function exportOutput(
  output: OutputSpec,
  images: readonly SolvedImage[],
  parts: ExportParts,
  signal: AbortSignal,
): Promise<ExportedImage | undefined> {
  const { onEvent, now } = parts;
  const id = `export ${output.type} ${'dest' in output ? output.dest : ''}`;
  onEvent({ type: 'started', vertex: { id, name: labels[output.type] }, time: now() });
  try {
    const image = needsImage(output) ? await storeImage(images, parts, signal) : undefined;
    await writeTo(output, { image, images }, parts, signal);
    onEvent({ type: 'done', id, time: now() });
    return image;
  } catch (error) {
    onEvent({ type: 'done', id, error: (error as Error).message, time: now() });
    throw error;
  }
}

async function writeTo(
  output: OutputSpec,
  built: { image: ExportedImage | undefined; images: readonly SolvedImage[] },
  parts: ExportParts,
  signal: AbortSignal,
): Promise<void> {
  const { state, request, epoch } = parts;
  const stream = (dest: string, source: AsyncIterable<Uint8Array>): Promise<void> =>
    writeOutput(source, {
      dest: dest === '-' ? dest : resolve(request.cwd, dest),
      stdout: request.stdout,
      signal,
    });
  switch (output.type) {
    case 'image':
      for (const tag of request.tags) await state.images.tag(tag, built.image!.descriptor);
      return;
    case 'oci':
    case 'docker': {
      const names = [...new Set([...request.tags, ...output.names])];
      const options: LayoutOptions = {
        store: state.store,
        names,
        docker: output.type === 'docker',
        mtime: epoch ?? 0,
      };
      if (output.type === 'oci' && !output.tar)
        await writeOciFolder(built.image!, resolve(request.cwd, output.dest), options);
      else await stream(output.dest, ociTar(built.image!, options));
      return;
    }
    case 'local':
      for (const image of built.images) {
        const { tree } = await (await state.snapshotter()).view(image.layers, signal);
        writeFiles(tree, folderOf(resolve(request.cwd, output.dest), image, request), signal);
      }
      return;
    case 'tar': {
      const { tree } = await (await state.snapshotter()).view(built.images[0]!.layers, signal);
      await stream(output.dest, packLayer(treeEntries(tree, signal), { signal }));
      return;
    }
    case 'cacheonly':
      return;
  }
}

/** Several platforms stand beside each other. */
function folderOf(dest: string, image: SolvedImage, request: BuildRequest): string {
  return request.platforms.length > 1
    ? `${dest}/${formatPlatform(image.platform).replaceAll('/', '_')}`
    : dest;
}
