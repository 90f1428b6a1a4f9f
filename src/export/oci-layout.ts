// OCI layouts (image-layout.md), as a tar or a folder; with Docker's manifest.json a tar that `docker load` takes, too.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { uniqueName } from '../fs/atomic-write.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { hexOf } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { familiarReference, formatReference, parseReference } from '../oci/reference.ts';
import type { ContentStore } from '../seams.ts';
import { blobsOf, type ExportedImage } from './image.ts';

export interface LayoutOptions {
  store: ContentStore;
  names: readonly string[];
  /** Adds manifest.json, for `docker load`. */
  docker: boolean;
  /** Seconds since 1970, of the files in the tar. */
  mtime: number;
}

function indexJson(image: ExportedImage, names: readonly string[]): Buffer {
  const named = names.map((name): Descriptor => {
    const reference = parseReference(name);
    const annotations = {
      'io.containerd.image.name': formatReference(reference),
      'org.opencontainers.image.ref.name': reference.tag ?? 'latest',
    };
    return { ...image.descriptor, annotations };
  });
  const manifests = named.length > 0 ? named : [image.descriptor];
  return encodeJson({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests });
}

/** What `docker load` reads: one entry for each platform. */
function dockerManifest(image: ExportedImage, names: readonly string[]): Buffer {
  const path = (blob: Descriptor): string => `blobs/sha256/${hexOf(blob.digest)}`;
  const RepoTags = names.map((name) => familiarReference(parseReference(name)));
  return Buffer.from(
    JSON.stringify(
      image.manifests.map(({ config, layers }) => ({
        Config: path(config),
        RepoTags,
        Layers: layers.map(path),
      })),
    ),
  );
}

function documents(image: ExportedImage, options: LayoutOptions): [string, Buffer][] {
  return [
    ['index.json', indexJson(image, options.names)],
    ...(options.docker ? [['manifest.json', dockerManifest(image, options.names)] as [string, Buffer]] : []),
    ['oci-layout', Buffer.from(JSON.stringify({ imageLayoutVersion: '1.0.0' }))],
  ];
}

/** Streams the layout as a tar; every blob is verified on its way. */
export async function* ociTar(image: ExportedImage, options: LayoutOptions): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const mtime = new Date(options.mtime * 1000);
  const entry = (name: string, size: number) => tar.entry({ name, size, mode: 0o444, mtime, type: 'file' });
  const fill = async (): Promise<void> => {
    for (const name of ['blobs/', 'blobs/sha256/'])
      tar.entry({ name, mode: 0o755, mtime, type: 'directory' });
    for (const blob of blobsOf(image)) {
      const sink = entry(`blobs/sha256/${hexOf(blob.digest)}`, blob.size);
      for await (const chunk of options.store.open(blob.digest)) {
        if (!sink.write(chunk)) await new Promise<void>((resolve) => sink.once('drain', resolve));
      }
      sink.end(Buffer.alloc(0));
    }
    for (const [name, data] of documents(image, options)) entry(name, data.length).end(data);
    tar.finalize();
  };
  fill().catch((error) => tar.destroy(error as Error));
  yield* tar as AsyncIterable<Uint8Array>;
}

/** Writes the layout into a folder; blobs that are there stay, index.json comes last. */
export async function writeOciFolder(
  image: ExportedImage,
  dest: string,
  options: LayoutOptions,
): Promise<void> {
  const blobs = join(dest, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const blob of blobsOf(image)) {
    const temporary = join(dest, uniqueName('.blob'));
    // Through the store, which verifies what it gives.
    await writeFile(temporary, options.store.open(blob.digest));
    await rename(temporary, join(blobs, hexOf(blob.digest)));
  }
  for (const [name, data] of documents(image, options).reverse()) {
    const temporary = join(dest, uniqueName('.document'));
    await writeFile(temporary, data);
    await rename(temporary, join(dest, name));
  }
}
