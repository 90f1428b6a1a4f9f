// The extended attributes that layers keep: security.capability of regular files, as BuildKit does.
import { loadSys } from '../fs/sys.ts';
import type { EntryType } from '../seams.ts';

const capability = 'security.capability';

/** Loads the system calls only where the entry can have attributes at all. */
export function keptXattrs(path: string, type: EntryType): Record<string, Buffer> {
  if (type !== 'file') return {};
  const value = loadSys().getXattr(path, capability);
  return value ? { [capability]: value } : {};
}
