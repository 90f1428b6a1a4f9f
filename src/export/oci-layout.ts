// OCI layouts (image-layout.md), as a tar or a folder; with Docker's manifest.json a tar that `docker load` takes, too.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseBuffer } from '../fs/release-buffer.ts';
import { removeAbandoned } from '../fs/unique-name.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { hexOf } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { ContentStore } from '../seams.ts';
import { joinAnnotations } from './annotations.ts';
import { dockerDocuments, type NamedImage } from './docker-archive.ts';
import { exportError } from './export-error.ts';
import { blobsOf, type ExportedImage, type PendingImage } from './image.ts';
import { type OutgoingFile, partPrefix, tarOfFiles, writeFileWhole } from './outgoing-file.ts';

export interface LayoutOptions {
  store: ContentStore;
  names: readonly string[];
  /** Adds what `docker load` reads. */
  docker: boolean;
  /** Seconds since 1970, of the files in the tar. */
  mtime: number;
}

/** An entry for each name, or one without. */
function indexEntries({ image: { descriptor }, names }: NamedImage): Descriptor[] {
  const named = names.map((name): Descriptor => {
    const reference = parseReference(name);
    const annotations = joinAnnotations(descriptor.annotations, {
      'io.containerd.image.name': formatReference(reference),
      ...(reference.tag === undefined ? {} : { 'org.opencontainers.image.ref.name': reference.tag }),
    });
    return { ...descriptor, annotations };
  });
  return named.length > 0 ? named : [descriptor];
}

/** What a layout has besides its blobs; `docker`: what `docker load` reads, too. */
export function layoutDocuments(images: readonly NamedImage[], docker: boolean): [string, Buffer][] {
  const manifests = images.flatMap(indexEntries);
  return [
    ['index.json', encodeJson({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests })],
    ...(docker ? dockerDocuments(images) : []),
    ['oci-layout', Buffer.from(JSON.stringify({ imageLayoutVersion: '1.0.0' }))],
  ];
}

function documents(image: ExportedImage, { names, docker }: LayoutOptions): [string, Buffer][] {
  return layoutDocuments([{ image, names }], docker);
}

/** Streams the layout as a tar, each blob as soon as it is stored; every blob is verified on its way. */
export function ociTar(pending: PendingImage, options: LayoutOptions): AsyncGenerator<Uint8Array> {
  async function* files(): AsyncGenerator<OutgoingFile> {
    for await (const blob of blobsOf(pending)) yield blobFile(blob, options.store);
    for (const [path, content] of documents(await pending.image, options))
      yield { path, size: content.length, content: [content] };
  }
  return tarOfFiles(files(), { folders: ['blobs/', 'blobs/sha256/'], mtime: options.mtime });
}

/** A blob where a layout has it, verified while it is read. */
export function blobFile({ digest, size }: Descriptor, store: ContentStore): OutgoingFile {
  return { path: `blobs/sha256/${hexOf(digest)}`, size, content: passing(store.open(digest)) };
}

/** Chunks whose memory is given back when the next one is asked for. */
async function* passing(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    releaseBuffer(chunk);
  }
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
  try {
    await mkdir(join(dest, 'blobs', 'sha256'), { recursive: true });
    removeAbandoned(dest, partPrefix);
    for await (const blob of blobsOf(pending)) await writeFileWhole(dest, blobFile(blob, options.store));
    for (const [path, content] of documents(await pending.image, options).reverse())
      await writeFileWhole(dest, { path, size: content.length, content: [content] });
  } catch (error) {
    throw exportError(error, dest);
  }
}
