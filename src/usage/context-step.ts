// The steps of a build that read its contexts, and what each reads, told by the same functions that make its key.

import { SlipwayError } from '../errors.ts';
import type { CopyOp, Vertex } from '../graph/vertex.ts';
import { copyContentKey } from '../ops/copy-key.ts';
import { wildcardMatches } from '../ops/copy-select.ts';
import { mountedPath } from '../ops/mounted-path.ts';
import type { KeyTree, Tree } from '../seams.ts';
import { treeKey } from '../tree/key-tree.ts';
import { ancestors, cleanPath } from '../tree/path.ts';
import { hasWildcard, unescapePattern } from '../tree/pattern.ts';
import { resolvePath } from '../tree/resolve.ts';
import type { Steps } from '../tree/steps.ts';

/** One source of a step that is a context's. */
export type ContextRead =
  | { type: 'copy'; context: string; path: string; op: CopyOp }
  | { type: 'mount'; context: string; path: string };

export interface ContextStep {
  /** `[build 2/4] COPY src ./`. */
  name: string;
  file: string;
  /** From 1. */
  line: number;
  /** False: another stage's, which the target does not need. */
  inTarget: boolean;
  reads: ContextRead[];
}

/** `name` of a context is '' for the main one. */
function readsOf({ op, inputs }: Vertex): ContextRead[] {
  const contextOf = (input: number | undefined): string | undefined => {
    const source = input === undefined ? undefined : inputs[input]?.op;
    return source?.type === 'context' ? source.name : undefined;
  };
  const reads: ContextRead[] = [];
  if (op.type === 'copy') {
    for (const source of op.sources) {
      const context = source.type === 'path' ? contextOf(source.input) : undefined;
      if (source.type !== 'path' || context === undefined) continue;
      reads.push({ type: 'copy', context, path: source.path, op: { ...op, sources: [source] } });
    }
  } else if (op.type === 'exec') {
    for (const mount of op.mounts) {
      if (mount.type !== 'bind' && mount.type !== 'cache') continue;
      const context = contextOf(mount.input);
      if (context !== undefined) reads.push({ type: 'mount', context, path: mount.source });
    }
  }
  return reads;
}

/** @param targets the last vertex of each thing that can be built; those that are `inTarget` first. */
export function contextSteps(
  targets: readonly { vertex: Vertex | undefined; inTarget: boolean }[],
): ContextStep[] {
  const steps = new Map<string, ContextStep>();
  const seen = new Set<string>();
  const visit = (vertex: Vertex | undefined, inTarget: boolean): void => {
    const queue = [vertex];
    while (queue.length > 0) {
      const next = queue.pop();
      if (!next || seen.has(next.id)) continue;
      seen.add(next.id);
      queue.push(...next.inputs);
      const reads = readsOf(next);
      if (reads.length === 0) continue;
      const { file, range } = next.place;
      const { line } = range.start;
      // Platforms of one build read the same, mostly.
      const same = JSON.stringify([line, reads]);
      if (!steps.has(same)) steps.set(same, { name: next.name, file: file ?? '', line, inTarget, reads });
    }
  };
  for (const { vertex, inTarget } of targets) visit(vertex, inTarget);
  return [...steps.values()].sort((a, b) => a.line - b.line);
}

/** What a step reads: a key for each source; in the place of one that can't be read, why. */
export function* readStep(
  { reads }: ContextStep,
  treeOf: (context: string) => Tree,
): Steps<(KeyTree | string | SlipwayError)[]> {
  const keys: (KeyTree | string | SlipwayError)[] = [];
  for (const read of reads) {
    try {
      keys.push(yield* readSource(read, treeOf(read.context)));
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      keys.push(error);
    }
  }
  return keys;
}

function* readSource(read: ContextRead, tree: Tree): Steps<KeyTree | string> {
  const { path } = read;
  if (read.type === 'copy') {
    const { op } = read;
    const matches = wildcardMatches(tree, path, op.parents);
    const input = { type: 'path', tree, path, matches, origin: 'the build context' } as const;
    return yield* copyContentKey(op, [input]);
  }
  return yield* treeKey(tree, mountedPath(tree, path, 'the build context'), { mode: true, owner: false });
}

/** The directory in which a source with wildcards begins to look, or a file in its place: it has to be there, also if nothing matches. */
export function startOf({ type, path }: ContextRead, tree: Tree): string | undefined {
  if (type !== 'copy' || !hasWildcard(path)) return undefined;
  const parts = cleanPath(path).split('/');
  const plain = parts.slice(
    0,
    parts.findIndex((part) => hasWildcard(part)),
  );
  const start = resolvePath(tree, cleanPath(plain.map(unescapePattern).join('/')), { followLast: true });
  const last = [...ancestors(start), start].findLast((one) => tree.lstat(one) !== undefined);
  return last !== undefined && tree.lstat(last)!.type !== 'dir' ? last : start;
}
