// Kinds of what takes up the disk, in people's words.
import type { UsageItem, UsageType } from '../../../index.ts';
import { humanSize, since } from './human.ts';

export const usageTypes: Readonly<Record<UsageType, string>> = {
  image: 'Images',
  layer: 'Layers of the cache',
  base: 'Base images',
  record: 'Records without a layer',
  snapshot: 'Unpacked layers',
  cachemount: 'Cache mounts',
  git: 'Git mirrors',
  http: 'Files from URLs',
  context: 'Digests of contexts',
  build: 'Records of builds',
  unreferenced: 'Unreferenced',
  temporary: 'Temporary',
  other: 'Other',
};

export const itemHeaders = {
  ID: 'ID',
  Type: 'TYPE',
  Reclaimable: 'RECLAIMABLE',
  Shared: 'SHARED',
  InUse: 'IN USE',
  Size: 'SIZE',
  LastUsed: 'LAST USED',
  Description: 'DESCRIPTION',
};

const longest = 60;

export function itemRow(
  item: UsageItem,
  { full, now }: { full: boolean; now: number },
): Record<keyof typeof itemHeaders, unknown> {
  const id = item.id.replace(/^sha256:/, '');
  const letters = [...item.description.replace(/\s+/g, ' ')];
  return {
    ID: full ? item.id : (id.split('/').at(-1) ?? id).slice(0, 12),
    Type: item.type,
    Reclaimable: item.reclaimable,
    Shared: item.shared,
    InUse: item.inUse,
    Size: humanSize(item.size),
    LastUsed: item.lastUsed === 0 ? '' : since(item.lastUsed, now),
    Description:
      full || letters.length <= longest ? letters.join('') : `${letters.slice(0, longest - 1).join('')}…`,
  };
}
