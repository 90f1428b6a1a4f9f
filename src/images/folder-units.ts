// Units of what lies in folders: snapshots, cache mounts, Git mirrors, digests of contexts, what is temporary.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAlive, parseIdentity } from '../fs/process-identity.ts';
import { isMakerAlive } from '../fs/unique-name.ts';
import { chainIDs } from '../oci/chain-id.ts';
import { hexOf } from '../oci/digest.ts';
import { blockOf, parseRecord } from '../snapshot/chain-store.ts';
import type { StoredImage } from './catalog.ts';
import { type DiskFile, diskFile, filesIn, treeSize } from './disk-files.ts';
import { makeUnit, type Unit } from './units.ts';

/** What has no owner that can be looked up is taken for nobody's after this long; milliseconds. */
const patience = 24 * 3600_000;

/** Folders are not measured yet. */
export function folderUnits(root: string, images: readonly StoredImage[], now: number): Unit[] {
  return [
    ...snapshotUnits(join(root, 'snapshots-v2'), images, now),
    ...filesIn(join(root, 'cache-mounts-v1')).map((file) =>
      file.name === 'trash'
        ? temporary(file, false)
        : makeUnit({ id: file.name, type: 'cachemount', description: 'RUN --mount=type=cache' }, [file]),
    ),
    ...filesIn(join(root, 'git-v1'))
      .filter(({ isFolder }) => isFolder)
      .map((file) => makeUnit({ id: file.name, type: 'git', description: gitDescription(file) }, [file])),
    ...filesIn(join(root, 'contexts-v1')).map((file) =>
      makeUnit({ id: file.name, type: 'context', description: "digests of a context's files" }, [file]),
    ),
    // They are small, and say what a prune took: they go with all alone.
    ...filesIn(join(root, 'builds-v1')).map((file) =>
      makeUnit(
        {
          ...{ id: file.name.replace(/\.json$/, ''), type: 'build', shared: true },
          description: 'what a build was, for slipway explain',
        },
        [file],
      ),
    ),
    ...filesIn(join(root, 'tmp')).map((file) => temporary(file, isOwned(file, now))),
  ];
}

const gitDescription = ({ name }: DiskFile): string =>
  name === 'refs' ? 'what branches and tags stood for' : 'mirror of a repository';

function temporary(file: DiskFile, busy: boolean, rest: DiskFile[] = []): Unit {
  return makeUnit({ id: file.name, type: 'temporary', description: '', busy }, [file, ...rest]);
}

/** By the name; of numbers of a snapshotter by the file in them. */
function isOwned({ path, name, mtime }: DiskFile, now: number): boolean {
  const owner = parseIdentity(textOf(join(path, 'owner')));
  return (owner ? isAlive(owner) : isMakerAlive(name)) ?? now - mtime < patience;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function snapshotUnits(folder: string, images: readonly StoredImage[], now: number): Unit[] {
  const named = images.filter(({ names }) => names.length > 0);
  const kept = new Set(
    named.flatMap(({ manifests }) =>
      manifests.flatMap(({ config }) => chainIDs(config.rootfs.diff_ids).map(hexOf)),
    ),
  );
  return filesIn(folder).flatMap(({ path }) => {
    // In this order: what is finished meanwhile is found at one of its places (chain-store's keep).
    const layers = new Map(filesIn(join(path, 'l')).map((file) => [file.name, file]));
    const active = filesIn(join(path, 'active'));
    const busy = new Set(active.map(({ name }) => name));
    const chains = filesIn(join(path, 'chains')).map((file) => {
      const record = parseRecord(textOf(file.path));
      const layer = record && layers.get(String(record.dir));
      if (record) layers.delete(String(record.dir));
      const id = file.name.replace(/\.json$/, '');
      return makeUnit(
        {
          ...{ id: `sha256:${id}`, type: 'snapshot', shared: kept.has(id) },
          description: record?.form === undefined ? 'unpacked layer' : 'index of a layer',
        },
        layer ? [file, layer] : [file],
      );
    });
    const orphans = [...layers.values()]
      .filter(({ name }) => !/^0+$/.test(name) && !busy.has(blockName(name)))
      .map((file) => makeUnit({ id: file.path, type: 'snapshot', description: 'not finished' }, [file]));
    const passing = ['tmp', 'trash'].flatMap((name) => filesIn(join(path, name)));
    return [
      ...chains.map(usedByChain),
      ...orphans,
      ...active.map((file) => {
        const own = [...layers.values()].filter(({ name }) => blockName(name) === file.name);
        return temporary(file, isOwned(file, now), own);
      }),
      ...passing.map((file) => temporary(file, false)),
    ];
  });
}

const blockName = (layer: string): string => String(blockOf(Number(layer)));

/** A layer's folder has the times of the image: the chain's own file says when it was used. */
function usedByChain(unit: Unit): Unit {
  return { ...unit, lastUsed: unit.files[0]!.mtime };
}

/** With the sizes of its folders. */
export async function measured(unit: Unit, signal: AbortSignal): Promise<Unit> {
  if (unit.measured) return unit;
  let size = 0;
  for (const file of unit.files) size += file.isFolder ? await treeSize(file.path, signal) : file.size;
  return { ...unit, size, measured: true };
}

/** What is to be moved away by now: the layer that a chain names may have been finished after the unit was made. */
export function filesNow({ type, files }: Unit): DiskFile[] {
  const [first, ...rest] = files;
  const folder = first && dirname(first.path);
  if (type !== 'snapshot' || !folder || basename(folder) !== 'chains') return files;
  const record = parseRecord(textOf(first.path));
  const layer = record && diskFile(join(dirname(folder), 'l', String(record.dir)));
  return layer ? [first, layer] : [first, ...rest];
}

/** When it was last used by now; undefined where it is gone. */
export function usedNow({ type, files }: Unit): number | undefined {
  const now = (type === 'snapshot' ? files.slice(0, 1) : files).map(({ path }) => diskFile(path)?.mtime);
  return now.includes(undefined) ? undefined : Math.max(...(now as number[]));
}
