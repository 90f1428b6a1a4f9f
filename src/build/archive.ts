// Archives as contexts: what is one by its first bytes, and its files in a folder.
import { chmod, mkdir } from 'node:fs/promises';
import { decompress, detectCompression } from '../layer/decompress.ts';
import { unpackLayer } from '../layer/unpack.ts';
import { createUnpackCounter, type UnpackBudget } from '../layer/unpack-limits.ts';
import type { Tree } from '../seams.ts';
import { createDirectoryTree } from '../snapshot/plain-tree.ts';

/** How many bytes isArchive looks at. */
export const archiveHead = 512;

/** A tar, compressed in any form or not. */
export function isArchive(head: Buffer): boolean {
  if (detectCompression(head) !== 'none') return true;
  return head.length >= 512 && (head.toString('latin1', 257, 262) === 'ustar' || hasTarChecksum(head));
}

/** Of headers before POSIX, without a magic word. */
export function hasTarChecksum(block: Buffer): boolean {
  const written = Number.parseInt(block.toString('latin1', 148, 156), 8);
  let sum = 8 * 32;
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += block[at]!;
  return block[0] !== 0 && sum === written;
}

/** Unpacks into `folder`, which is made. Owners are those of the archive where the system lets them be. */
export async function unpackArchive(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  { budget, signal }: { budget: UnpackBudget; signal: AbortSignal },
): Promise<Tree> {
  await mkdir(folder);
  await chmod(folder, 0o755);
  await unpackLayer(decompress(source, signal, createUnpackCounter(budget)), folder, {
    form: 'archive',
    limits: budget.limits,
    overlayXattr: 'trusted.overlay',
    owners: 'if-allowed',
    signal,
  });
  const isRoot = process.getuid?.() === 0;
  return createDirectoryTree(folder, isRoot ? {} : { owner: { uid: 0, gid: 0 } });
}
