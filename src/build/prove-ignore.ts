// A proposed ignore file, proved: every step reads with it just what it reads without it.
import { createIgnoredTree } from '../context/ignored-tree.ts';
import { createIgnoreMatcher } from '../dockerfile/ignore.ts';
import { invariant, SlipwayError } from '../errors.ts';
import type { Tree } from '../seams.ts';
import { keyDigest } from '../tree/key-tree.ts';
import { runThrough } from '../tree/steps.ts';
import type { ContextNode } from '../usage/context-node.ts';
import type { ContextReport, IgnoreChange } from '../usage/context-report.ts';
import { readStep } from '../usage/context-step.ts';
import { createNodeTree } from '../usage/node-tree.ts';
import { proposeIgnore } from '../usage/propose-ignore.ts';

export interface IgnoreFile {
  path: string;
  /** As messages name it. */
  name: string;
  /** Relative to the context; may lead out of it. */
  inContext: string;
  /** Undefined where there is none. */
  before: string | undefined;
}

/** @param files of the main context, those that are left out, too. */
export function proveIgnore(
  report: ContextReport,
  files: Tree,
  { path, name, inContext, before }: IgnoreFile,
): { change: IgnoreChange | undefined; notes: string[] } {
  const { root } = report.contexts[0]!;
  const outside = inContext.startsWith('../');
  const own = outside ? undefined : nodeAt(root, inContext);
  const {
    text: after,
    lines,
    unnameable,
  } = proposeIgnore({ root, text: before, file: outside ? undefined : inContext });
  const notes = unnameable.map((one) => `no line of an ignore file can name ${JSON.stringify(one.slice(1))}`);
  if (lines.length === 0) return { change: undefined, notes };
  const reader = own?.shown ? own.readers[0] : undefined;
  if (reader !== undefined) {
    const step = report.steps[reader]!;
    notes.push(
      `nothing is proposed: ${step.file}:${step.line} ${step.name} reads ${name} itself, and would run anew; leave it out first, with a line ${inContext}`,
    );
    return { change: undefined, notes };
  }
  const keysBefore = keysOf(report, createNodeTree(root, files, { all: true }), before ?? '');
  const withFile = before === undefined ? withNewFile(root, inContext) : root;
  const keysAfter = keysOf(report, createNodeTree(withFile, files, { all: true }), after);
  for (const [index, key] of keysBefore.entries())
    invariant(
      key === keysAfter[index],
      `the proposed ignore file changes what ${report.steps[index]!.name} reads`,
    );
  return { change: { path, name, before, after, lines }, notes };
}

function nodeAt(root: ContextNode, path: string): ContextNode | undefined {
  let node: ContextNode | undefined = root;
  for (const part of path.split('/')) node = node?.children.find(({ name }) => name === part);
  return node;
}

/** The context once the ignore file is written. */
function withNewFile(root: ContextNode, name: string): ContextNode {
  const entry = { ...root.entry, type: 'file', mode: 0o644 } as const;
  const node: ContextNode = { ...root, name, path: `/${name}`, entry, children: [] };
  return { ...root, children: [...root.children, node].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** What each step reads of the main context. */
function keysOf(report: ContextReport, all: Tree, ignore: string): string[] {
  const tree = createIgnoredTree(all, createIgnoreMatcher(ignore));
  return report.steps.map((step) => {
    const reads = step.reads.filter(({ context }) => context === '');
    const keys = runThrough(readStep({ ...step, reads }, () => tree));
    return keys
      .map((key) =>
        key instanceof SlipwayError ? key.message : typeof key === 'string' ? key : keyDigest(key),
      )
      .join('\n');
  });
}
