// OCI layouts (image-layout.md), as a tar or a folder; with Docker's manifest.json a tar that `docker load` takes, too.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { uniqueName } from '../fs/atomic-write.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { hexOf } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { ContentStore } from '../seams.ts';
import { joinAnnotations } from './annotations.ts';
import { dockerDocuments } from './docker-archive.ts';
import { exportError } from './export-error.ts';
import { blobsOf, type ExportedImage, type PendingImage } from './image.ts';

export interface LayoutOptions {
  store: ContentStore;
  names: readonly string[];
  /** Adds what `docker load` reads. */
  docker: boolean;
  /** Seconds since 1970, of the files in the tar. */
  mtime: number;
}

/** One entry for each name. */
function indexJson({ descriptor }: ExportedImage, names: readonly string[]): Buffer {
  const named = names.map((name): Descriptor => {
    const reference = parseReference(name);
    const annotations = joinAnnotations(descriptor.annotations, {
      'io.containerd.image.name': formatReference(reference),
      'org.opencontainers.image.ref.name': reference.tag ?? 'latest',
    });
    return { ...descriptor, annotations };
  });
  const manifests = named.length > 0 ? named : [descriptor];
  return encodeJson({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests });
}

function documents(image: ExportedImage, options: LayoutOptions): [string, Buffer][] {
  return [
    ['index.json', indexJson(image, options.names)],
    ...(options.docker ? dockerDocuments(image, options.names) : []),
    ['oci-layout', Buffer.from(JSON.stringify({ imageLayoutVersion: '1.0.0' }))],
  ];
}

/** Streams the layout as a tar, each blob as soon as it is stored; every blob is verified on its way. */
export async function* ociTar(pending: PendingImage, options: LayoutOptions): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const mtime = new Date(options.mtime * 1000);
  const entry = (name: string, size: number) => {
    const sink = tar.entry({ name, size, mode: 0o444, mtime, type: 'file' });
    // The tar itself says what failed.
    sink.on('error', () => {});
    return sink;
  };
  const fill = async (): Promise<void> => {
    for (const name of ['blobs/', 'blobs/sha256/'])
      tar.entry({ name, mode: 0o755, mtime, type: 'directory' });
    for await (const blob of blobsOf(pending)) {
      const sink = entry(`blobs/sha256/${hexOf(blob.digest)}`, blob.size);
      for await (const chunk of options.store.open(blob.digest)) {
        if (!sink.write(chunk) && !tar.destroying) await drained(sink);
        if (tar.destroying) return;
      }
      sink.end(Buffer.alloc(0));
    }
    for (const [name, data] of documents(await pending.image, options)) entry(name, data.length).end(data);
    tar.finalize();
  };
  fill().catch((error) => tar.destroy(error as Error));
  yield* tar as AsyncIterable<Uint8Array>;
}

/** Resolves when more can be written, and when nothing ever can. */
function drained(sink: ReturnType<ReturnType<typeof pack>['entry']>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sink.off('drain', done);
      sink.off('close', done);
      resolve();
    };
    sink.on('drain', done);
    sink.on('close', done);
  });
}

/**
 * Writes the layout into a folder; blobs that are there stay, index.json comes last.
 * @throws ERR_EXPORT, ERR_DISK_FULL
 */
export async function writeOciFolder(
  pending: PendingImage,
  dest: string,
  options: LayoutOptions,
): Promise<void> {
  const blobs = join(dest, 'blobs', 'sha256');
  try {
    await mkdir(blobs, { recursive: true });
    for await (const blob of blobsOf(pending)) {
      // Through the store, which verifies what it gives.
      await writeWhole(dest, join(blobs, hexOf(blob.digest)), options.store.open(blob.digest));
    }
    for (const [name, data] of documents(await pending.image, options).reverse())
      await writeWhole(dest, join(dest, name), data);
  } catch (error) {
    throw exportError(error, dest);
  }
}

async function writeWhole(folder: string, path: string, data: AsyncIterable<Buffer> | Buffer): Promise<void> {
  const temporary = join(folder, uniqueName('.part'));
  try {
    await writeFile(temporary, data);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
