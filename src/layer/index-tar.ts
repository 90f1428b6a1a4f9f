// Makes the index by which the kernel mounts a layer's tar as it is: an EROFS image of names and metadata over the tar's blocks.
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { renderImage } from '../erofs/render-image.ts';
import type { TreeEntry } from '../seams.ts';
import { createFileSource } from './file-source.ts';
import { createLayerTree } from './layer-tree.ts';
import { readTar } from './tar-reader.ts';
import { unpacking } from './unpack-error.ts';

export interface IndexTarOptions {
  /** What lower layers have at `/a/b`: the metadata for directories that the tar leaves out. */
  parent: (path: string) => TreeEntry | undefined;
  signal: AbortSignal;
}

/** Entries between two turns of the event loop. */
const turnEvery = 2048;

/**
 * The mounted index shows what unpacking the tar for overlayfs makes, whiteouts and opaque marks included.
 * @param index is made.
 * @returns the directories (`/a/b`) that hide what lower layers have there, sorted; undefined where the tar holds what can't
 * be shown in place (sparse files): it must be unpacked.
 * @throws ERR_BAD_ARCHIVE, ERR_DISK_FULL, ERR_STORE
 */
export async function indexTar(
  tar: string,
  index: string,
  options: IndexTarOptions,
): Promise<{ opaque: string[] } | undefined> {
  const { signal } = options;
  const tree = createLayerTree(options.parent);
  let count = 0;
  for await (const entry of readTar(createFileSource(tar), { signal })) {
    if (!tree.add(entry)) return undefined;
    if (++count % turnEvery === 0) await new Promise(setImmediate);
  }
  const { root, opaque } = tree.end();
  const file = unpacking(index, () => openSync(index, 'wx'));
  try {
    for (const piece of renderImage(root, [statSync(tar).size])) {
      signal.throwIfAborted();
      unpacking(index, () => writeAll(file, piece));
      await new Promise(setImmediate);
    }
  } finally {
    closeSync(file);
  }
  return { opaque };
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
