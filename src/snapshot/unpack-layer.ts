// What a snapshotter needs of whoever unpacks layer tars.
import type { TreeEntry } from '../seams.ts';
import type { OwnerTable } from './chain-store.ts';

export interface UnpackOptions {
  /** `overlay`: deletions become whiteouts and opaque marks. `plain`: they are carried out on what is there. */
  form: 'overlay' | 'plain';
  overlayXattr: 'trusted.overlay' | 'user.overlay';
  signal: AbortSignal;
  /** What lower layers have at a clean absolute path; of use where the directory holds one layer alone. */
  parent?: (path: string) => TreeEntry | undefined;
}

/**
 * Unpacks an uncompressed layer tar into an existing directory. Returns the directories (clean absolute paths) that the
 * layer makes opaque, and the tar's size in bytes.
 */
export type UnpackLayer = (
  source: AsyncIterable<Uint8Array>,
  directory: string,
  options: UnpackOptions,
) => Promise<{
  opaque: string[];
  size: number;
  /** Owners that files can't remember, where they are not set. */
  owners?: OwnerTable;
}>;
