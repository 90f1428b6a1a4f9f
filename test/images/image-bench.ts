// A state folder with small images in it, and the engine that works on it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { createEngine, type Engine } from '../../src/engine.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import type { Platform } from '../../src/oci/platform.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { createImageStore } from '../../src/store/image-store.ts';
import { type Blob, blobOf, descriptorOf } from '../support/small-image.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

export const call = { signal: new AbortController().signal, onEvent: () => {} };
const linux: Platform = { os: 'linux', architecture: 'amd64' };

export interface ImageBench extends TempDir {
  root: string;
  engine: Engine;
  /** Stores an image of the given files, one layer for each; under a name, or without. */
  add(
    name: string | undefined,
    options?: AddedImage,
  ): Promise<{ manifest: Blob; config: Blob; layers: Blob[] }>;
  /** Hex digests of all blobs. */
  blobs(): string[];
  names(): string[];
}

export interface AddedImage {
  layers?: string[];
  platform?: Platform;
  created?: string;
  labels?: Record<string, string>;
  history?: object[];
}

/** A tar of one file. */
export async function tarOf(files: Record<string, string>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name, mtime: new Date(0) }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export async function imageOf(
  options: AddedImage = {},
): Promise<{ manifest: Blob; config: Blob; layers: Blob[] }> {
  const { platform = linux, created, labels, history } = options;
  const layers: Blob[] = [];
  for (const text of options.layers ?? ['one'])
    layers.push(blobOf(mediaType.ociLayer, await tarOf({ [`${text}.txt`]: text })));
  const config = blobOf(mediaType.ociConfig, {
    ...(created ? { created } : {}),
    ...platform,
    config: { Cmd: ['true'], ...(labels ? { Labels: labels } : {}) },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    ...(history ? { history } : {}),
  });
  const manifest = blobOf(mediaType.ociManifest, {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  });
  return { manifest, config, layers };
}

export async function imageBench(env: Record<string, string> = {}): Promise<ImageBench> {
  const dir = await tempDir();
  const root = dir.file('state');
  const store = createContentStore(root);
  const images = createImageStore(root, store);
  const engine = createEngine({ root, isolation: 'auto', snapshotter: 'auto', parallelism: 1, env });
  return {
    ...dir,
    root,
    engine,
    async add(name, options) {
      const image = await imageOf(options);
      for (const { bytes, digest } of [...image.layers, image.config, image.manifest])
        await store.ingest([bytes], { digest });
      const descriptor: Descriptor = descriptorOf(image.manifest);
      if (name === undefined) await images.keep(descriptor);
      else await images.tag(name, descriptor);
      return image;
    },
    blobs: () => {
      const folder = join(root, 'blobs', 'sha256');
      return existsSync(folder) ? readdirSync(folder).sort() : [];
    },
    names: () => images.list().map(({ name }) => name),
  };
}
