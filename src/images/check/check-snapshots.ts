// Unpacked layers and indexes of layers: each record leads to a folder that is finished, and holds what the layer's tar says.
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../errors.ts';
import { uniqueName } from '../../fs/unique-name.ts';
import { hexOf } from '../../oci/digest.ts';
import { blockOf, type ChainRecord, parseRecord } from '../../snapshot/chain-store.ts';
import { type DiskFile, filesIn } from '../disk-files.ts';
import type { SoundBlobs } from './check-blobs.ts';
import type { CheckParts } from './check-store.ts';

type SnapshotParts = CheckParts & { blobs: SoundBlobs };

export async function checkSnapshots(parts: SnapshotParts): Promise<void> {
  for (const { path, isFolder } of filesIn(join(parts.root, 'snapshots-v2')))
    if (isFolder) await checkFolder(path, parts);
}

/** @param folder of one snapshotter, as chain-store.ts lays it out */
async function checkFolder(folder: string, parts: SnapshotParts): Promise<void> {
  const { findings, signal, isBeingWritten } = parts;
  const kept = new Set<string>();
  for (const file of filesIn(join(folder, 'chains'))) {
    signal.throwIfAborted();
    const text = textOf(file);
    if (text === undefined) continue;
    const record = parseRecord(text);
    if (record) {
      kept.add(String(record.dir));
      findings.count('snapshots');
      const what = await problemOf(join(folder, 'l', String(record.dir)), record, parts);
      if (what === undefined) continue;
      await findings.found({
        ...{ part: 'snapshots', kind: 'damage', path: file.path, what },
        remedy: 'it is removed, and made again of the layer',
        mend: () => drop(folder, file, String(record.dir)),
      });
    } else if (text.trimEnd().endsWith('}')) {
      await findings.found({
        ...{ part: 'snapshots', kind: 'damage', path: file.path, what: 'is not as it was written' },
        remedy: 'it is removed, and made again of the layer',
        mend: () => rmSync(file.path, { recursive: true, force: true }),
      });
    } else if (!isBeingWritten(file)) {
      await findings.found({
        ...{ part: 'snapshots', kind: 'leftover', path: file.path, what: 'was never finished' },
        remedy: 'it is removed, or written anew by who needs it',
        mend: () => rmSync(file.path, { recursive: true, force: true }),
      });
    }
  }
  await checkOrphans(folder, kept, parts);
}

/** Folders that no record names, below numbers that nobody owns. */
async function checkOrphans(
  folder: string,
  kept: ReadonlySet<string>,
  { findings }: SnapshotParts,
): Promise<void> {
  const layers = filesIn(join(folder, 'l'));
  // In this order: who finishes one meanwhile gives back its numbers after that.
  const owned = new Set(filesIn(join(folder, 'active')).map(({ name }) => name));
  const named = new Set(
    filesIn(join(folder, 'chains')).map((file) => String(parseRecord(textOf(file) ?? '')?.dir)),
  );
  for (const { path, name } of layers) {
    if (/^0+$/.test(name) || kept.has(name) || named.has(name)) continue;
    if (owned.has(String(blockOf(Number(name))))) continue;
    await findings.found({
      ...{ part: 'snapshots', kind: 'leftover', path, what: 'belongs to no layer' },
      remedy: 'it is deleted',
      mend: () => moveToTrash(folder, path),
    });
  }
}

function textOf({ path }: DiskFile): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    if (systemCode(error) === 'EISDIR') return '{}';
    throw error;
  }
}

async function problemOf(
  directory: string,
  record: ChainRecord,
  { root, blobs, quick, signal }: SnapshotParts,
): Promise<string | undefined> {
  const hex = hexOf(record.diffID);
  const tar = blobs.has(hex) ? join(root, 'blobs', 'sha256', hex) : undefined;
  const { folderProblem, indexProblem } = await import('./compare-layer.ts');
  if (record.form === 'erofs') return indexProblem(directory, quick ? undefined : tar);
  return folderProblem(directory, quick ? undefined : tar, signal);
}

/** The record first: a folder without one is nobody's. */
function drop(folder: string, file: DiskFile, dir: string): void {
  rmSync(file.path, { force: true });
  moveToTrash(folder, join(folder, 'l', dir));
}

/** Whoever has it mounted goes on with it. */
function moveToTrash(folder: string, path: string): void {
  try {
    renameSync(path, join(folder, 'trash', uniqueName('unsound')));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
