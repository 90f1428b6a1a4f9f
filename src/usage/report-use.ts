// Steps and listings put together: who reads what, and what that comes to.
import { createIgnoreMatcher, readIgnoreLines } from '../dockerfile/ignore.ts';
import { SlipwayError } from '../errors.ts';
import type { Tree } from '../seams.ts';
import type { Steps } from '../tree/steps.ts';
import { addUp, type ContextNode, type Figures, listContext } from './context-node.ts';
import type { ContextUse, ReportedStep } from './context-report.ts';
import { type ContextStep, readStep, startOf } from './context-step.ts';
import { createNodeTree } from './node-tree.ts';

/** A context before anybody read it. */
export interface ContextFiles {
  name: string;
  source: string;
  /** All files, those that are left out, too. */
  files: Tree;
  /** Undefined where no ignore file counts. */
  ignore: { name: string; text: string } | undefined;
}

interface Listed extends Pick<ContextUse, 'root' | 'decider'> {
  context: ContextFiles;
  lines: ReturnType<typeof readIgnoreLines>;
  tree: ReturnType<typeof createNodeTree>;
}

export interface Use {
  contexts: ContextUse[];
  steps: ReportedStep[];
  unreadable: string[];
}

/** @throws ERR_SYNTAX for a broken pattern, ERR_CONTEXT */
export function* reportUse(contexts: readonly ContextFiles[], steps: readonly ContextStep[]): Steps<Use> {
  const unreadable: string[] = [];
  const listed: Listed[] = [];
  for (const context of contexts) {
    const lines = readIgnoreLines(context.ignore?.text ?? '');
    const negated = lines.map(({ pattern }) => pattern.startsWith('!'));
    const matcher = createIgnoreMatcher(context.ignore?.text ?? '');
    const listing = yield* listContext(
      context.files,
      lines.length === 0 ? undefined : { ...matcher, negated },
    );
    unreadable.push(...listing.unreadable);
    const tree = createNodeTree(listing.root, context.files);
    listed.push({ context, lines, root: listing.root, tree, decider: matcher.decider });
  }
  const treeOf = (name: string) => listed.find(({ context }) => context.name === name)!.tree;
  const problems: string[][] = [];
  for (const [index, step] of steps.entries()) {
    for (const { tree } of listed) tree.readBy(index);
    const failed = (yield* readStep(step, treeOf)).filter((key) => key instanceof SlipwayError);
    for (const read of step.reads) {
      const start = startOf(read, treeOf(read.context));
      if (start !== undefined) treeOf(read.context).need(start);
    }
    problems.push(failed.map(({ message }) => message));
  }
  for (const { root } of listed) addUp(root);
  const figures = figuresOf(
    listed.map(({ root }) => root),
    steps.length,
  );
  return {
    contexts: listed.map(({ context: { name, source, ignore }, lines, root, decider }) => ({
      ...{ name, source, ignoreFile: ignore?.name, root, decider },
      rules: lines.map(({ text, line }) => ({ text, line })),
      ...{ kept: root.kept, leftOut: root.leftOut, unused: root.unused },
    })),
    steps: steps.map((step, index) => ({ ...step, figures: figures[index]!, problems: problems[index]! })),
    unreadable,
  };
}

/** By step. */
function figuresOf(roots: readonly ContextNode[], count: number): Figures[] {
  const figures = Array.from({ length: count }, () => ({ files: 0, bytes: 0 }));
  const visit = ({ entry, readers, children }: ContextNode): void => {
    if (entry.type !== 'dir')
      for (const step of readers) {
        figures[step]!.files++;
        figures[step]!.bytes += entry.size;
      }
    for (const child of children) if (child.shown) visit(child);
  };
  for (const root of roots) visit(root);
  return figures;
}
