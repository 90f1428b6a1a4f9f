// Makes the index by which the kernel mounts layers' tars as they are: an EROFS image of names and metadata over the tars' blocks.
import { randomInt } from 'node:crypto';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { mergeTrees, opaqueDirectories } from '../erofs/merge-trees.ts';
import { createNodeTable, type NodeTable } from '../erofs/node-table.ts';
import { renderImage } from '../erofs/render-image.ts';
import type { TreeEntry } from '../seams.ts';
import { createFileSource } from './file-source.ts';
import { createLayerTree } from './layer-tree.ts';
import type { TarHead } from './packed-entries.ts';
import { readTar, type TarLimits } from './tar-reader.ts';
import { unpacking } from './unpack-error.ts';

export interface LayerTar {
  path: string;
  /** Its bytes, where they are on their way to that path: nothing is read from there then. */
  chunks?: AsyncIterable<Buffer>;
  /** What it holds, where that is known: nothing is read then. */
  entries?: Iterable<TarHead> | undefined;
  /** What lower layers have at `/a/b`: the metadata for directories that the tar leaves out. */
  parent: (path: string) => TreeEntry | undefined;
  limits?: TarLimits | undefined;
}

/** Entries between two turns of the event loop. */
const turnEvery = 2048;

/**
 * The mounted index shows what unpacking the tars for overlayfs makes, whiteouts and opaque marks included; several as one layer.
 * @param tars lowest first; so are the devices of the mount.
 * @param index is made.
 * @returns the directories (`/a/b`) that hide what lower layers have there, sorted; undefined where a tar holds what can't
 * be shown in place (sparse files): it must be unpacked.
 * @throws ERR_BAD_ARCHIVE, ERR_DISK_FULL, ERR_STORE
 */
export async function indexTars(
  tars: readonly LayerTar[],
  index: string,
  signal: AbortSignal,
): Promise<{ opaque: string[] } | undefined> {
  const nodes = createNodeTable(randomInt(2 ** 32));
  let root: number | undefined;
  for (const [number, tar] of tars.entries()) {
    const tree = await readTree(tar, { nodes, device: number + 1 }, signal);
    if (tree === undefined) return undefined;
    const below = (path: string): boolean => tars[0]!.parent(path) !== undefined;
    if (root !== undefined) mergeTrees(nodes, { lower: root, upper: tree }, below);
    root = tree;
  }
  const file = unpacking(index, () => openSync(index, 'wx'));
  try {
    const devices = tars.map(({ path }) => statSync(path).size);
    for (const piece of renderImage(nodes, { root: root!, devices })) {
      signal.throwIfAborted();
      unpacking(index, () => writeAll(file, piece));
      await new Promise(setImmediate);
    }
  } finally {
    closeSync(file);
  }
  return { opaque: opaqueDirectories(nodes, root!) };
}

async function readTree(
  { path, chunks, entries, parent, limits }: LayerTar,
  place: { nodes: NodeTable; device: number },
  signal: AbortSignal,
): Promise<number | undefined> {
  const tree = createLayerTree({ ...place, parent });
  let fits = true;
  let count = 0;
  // Each to its end: the bytes may be on their way to somebody else as well.
  for (const entry of entries ?? []) {
    fits &&= tree.add(entry);
    if (++count % turnEvery !== 0) continue;
    await new Promise(setImmediate);
    signal.throwIfAborted();
  }
  if (!entries) {
    for await (const entry of readTar(chunks ?? createFileSource(path), { signal, limits })) {
      fits &&= tree.add(entry);
      if (++count % turnEvery === 0) await new Promise(setImmediate);
    }
  }
  return fits ? tree.end() : undefined;
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
