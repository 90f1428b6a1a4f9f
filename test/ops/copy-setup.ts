// COPY and ADD on trees in memory: what is planned, and what is keyed.

import type { CopyOp } from '../../src/graph/vertex.ts';
import { copyContentKey } from '../../src/ops/copy-key.ts';
import { type CopyInput, planCopy } from '../../src/ops/copy-plan.ts';
import { wildcardMatches } from '../../src/ops/copy-select.ts';
import type { LayerEntry, Tree } from '../../src/seams.ts';
import { keyDigest } from '../../src/tree/key-tree.ts';
import { runThrough } from '../../src/tree/steps.ts';

export type LaidEntry = Extract<LayerEntry, { kind: 'entry' }>;

export function copyOp(destination: string, flags: Partial<CopyOp> = {}): CopyOp {
  return {
    type: 'copy',
    sources: [],
    destination,
    chown: undefined,
    chmod: undefined,
    link: false,
    parents: false,
    excludes: [],
    unpack: false,
    ...flags,
  };
}

export function from(tree: Tree, path: string, flags: Partial<CopyOp> = {}): CopyInput {
  const matches = wildcardMatches(tree, path, flags.parents ?? false);
  return { type: 'path', tree, path, matches, origin: 'the build context' };
}

/** When whatever has no time of its own was made. */
export const now = 5_000_000_000n;

export interface Copy {
  context: Tree;
  sources: string[];
  to: string;
  base?: Tree;
  flags?: Partial<CopyOp>;
}

/** The layer of `COPY flags sources to`. */
export function copied({ context, sources, to, base, flags }: Copy): LaidEntry[] {
  const inputs = sources.map((path) => from(context, path, flags));
  return [...planCopy(copyOp(to, flags), inputs, { base, now })] as LaidEntry[];
}

/** The same as texts: `drwxr-xr-x`-like type and mode, owner, path, and what a link points at. */
export function listed(entries: readonly LaidEntry[]): string[] {
  return entries.map(({ path, stat, linkTarget, hardLinkTo }) => {
    const owner = stat.uid === 0 && stat.gid === 0 ? '' : ` ${stat.uid}:${stat.gid}`;
    const target =
      hardLinkTo !== undefined ? ` = ${hardLinkTo}` : linkTarget === '' ? '' : ` -> ${linkTarget}`;
    return `${stat.type} ${stat.mode.toString(8)}${owner} ${path}${target}`;
  });
}

export function keyOf({ context, sources, to, flags }: Copy): string {
  return keyDigest(
    runThrough(
      copyContentKey(
        copyOp(to, flags),
        sources.map((path) => from(context, path, flags)),
      ),
    ),
  );
}
