// Who owns an entry, where the kernel knows one id alone.
import { readOwner, remembersOwners } from '../fs/owner-mark.ts';
import type { Owner } from '../oci/owner.ts';
import type { TreeEntry } from '../seams.ts';

/** The entry with the owner that is remembered of it. */
export function ownedEntry(entry: TreeEntry, hostPath: string): TreeEntry {
  if (!remembersOwners() || (entry.type !== 'file' && entry.type !== 'dir')) return entry;
  const owner = readOwner(hostPath);
  return owner ? { ...entry, ...owner } : entry;
}

export const noLinks: ReadonlyMap<string, Owner> = new Map();

/** The same, in a layer; links and the like have no attributes: what is known of those is by their paths. */
export function ownedChange(
  entry: TreeEntry,
  at: { hostPath: string; path: string },
  links: ReadonlyMap<string, Owner>,
): TreeEntry {
  const owner = links.get(at.path);
  return owner && entry.type !== 'file' && entry.type !== 'dir'
    ? { ...entry, ...owner }
    : ownedEntry(entry, at.hostPath);
}
