// What the parts of one COPY or ADD share: the layer that grows, and what the flags make of every entry.
import { createPatternMatcher } from '../dockerfile/ignore.ts';
import { parseChmod } from '../dockerfile/mode.ts';
import type { CopyOp } from '../graph/vertex.ts';
import type { Tree, TreeEntry } from '../seams.ts';
import type { MadeDirectory } from '../tree/directory-entry.ts';
import type { UnpackedArchive } from './environment.ts';
import { createLayerDraft, type LayerDraft } from './layer-draft.ts';
import { copyOwner } from './user.ts';

export interface CopyPlanOptions {
  /** The root that is copied to; undefined: empty. */
  base: Tree | undefined;
  /** For what has no time of its own; nanoseconds. */
  now: bigint;
}

export interface Copier {
  draft: LayerDraft;
  /** Hard links hold within one source: counts them. */
  source: number;
  /** Archives replace what is in the way, and follow a link to a directory that they do not tell of, as tar does. */
  archive: UnpackedArchive | undefined;
  made: MadeDirectory;
  /** The entry as it lands: owner, mode and time as the flags say. */
  land(entry: TreeEntry): TreeEntry;
  excluded(relative: string): boolean;
}

/** @throws ERR_USER_NOT_FOUND, ERR_SYNTAX */
export function createCopier(op: CopyOp, base: Tree | undefined, options: CopyPlanOptions): Copier {
  const owner = op.chown === undefined ? undefined : copyOwner(base, op.chown);
  const chmod = op.chmod === undefined ? undefined : parseChmod(op.chmod);
  const matcher = op.excludes.length > 0 ? createPatternMatcher(op.excludes) : undefined;
  const copier: Copier = {
    draft: createLayerDraft(base, options.now),
    source: 0,
    archive: undefined,
    made: {
      mode: (chmod?.octal ?? 0o755) & 0o777,
      uid: owner?.uid ?? 0,
      gid: owner?.gid ?? 0,
      mtime: options.now,
    },
    // Of the sources, not of what is in an archive.
    excluded: (relative) => (copier.archive ? false : (matcher?.ignores(relative) ?? false)),
    land(entry) {
      if (owner === undefined && chmod === undefined) return entry;
      const landed = { ...entry, ...owner };
      // Members of an archive keep their modes.
      if (chmod === undefined || entry.type === 'symlink' || copier.archive) return landed;
      return { ...landed, mode: chmod.apply(entry.mode, entry.type === 'dir') };
    },
  };
  return copier;
}

/** What an archive leaves out is made as tar makes it, whatever the flags say. */
export const impliedDirectory = (copier: Copier): MadeDirectory => ({
  ...{ mode: 0o755, uid: 0, gid: 0, mtime: copier.made.mtime },
});
