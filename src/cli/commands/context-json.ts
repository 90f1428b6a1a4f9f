// What `slipway context --json` prints.
import type { ContextNode, ContextReport, ContextUse } from '../../index.ts';
import { answerWhy, decidedBy } from './context-why.ts';
import { jsonText } from './images/safe-text.ts';

export interface JsonChoice {
  /** Levels of folders; undefined: all. */
  depth: number | undefined;
  /** Only what no step reads. */
  unused: boolean;
  why: readonly string[];
}

/** Indices in `readBy` are places in `steps`. */
export function contextJson(report: ContextReport, { depth, unused, why }: JsonChoice): string {
  const steps = report.steps.map(({ name, file, line, inTarget, figures, problems, reads }) => ({
    ...{ name, file, line, inTarget },
    sources: reads.map(({ type, context, path }) => ({ type, context, path })),
    ...figures,
    problems,
  }));
  const contexts = report.contexts.map((context) => ({
    ...{ name: context.name, source: context.source, ignoreFile: context.ignoreFile ?? null },
    ...{ kept: context.kept, leftOut: context.leftOut, unused: context.unused },
    entries: [...entries(context, { depth: depth ?? Number.POSITIVE_INFINITY, unused })],
  }));
  const answers = why.flatMap((path) =>
    answerWhy(report, path).map(({ node: _, decidedBy: by, readers, ...answer }) => ({
      ...answer,
      decidedBy: by ?? null,
      readBy: readers,
    })),
  );
  const { change } = report;
  const document = {
    dockerfile: report.dockerfile,
    ...{ contexts, steps, notes: report.notes },
    ...(why.length > 0 ? { why: answers } : {}),
    ...(change ? { proposal: { file: change.name, lines: change.lines, text: change.after } } : {}),
  };
  return `${jsonText(document, 2)}\n`;
}

function* entries(
  context: ContextUse,
  { depth, unused }: { depth: number; unused: boolean },
  node: ContextNode = context.root,
): Generator<object> {
  for (const child of node.children) {
    const { path, entry, shown, ignored, used, readers, kept, leftOut, children } = child;
    const isUnused = shown && !used;
    if (!unused || isUnused) {
      yield {
        path: path.slice(1),
        type: entry.type,
        kept: shown,
        ...(shown && ignored ? { keptFor: 'what is below it' } : {}),
        decidedBy: child.decider < 0 ? null : decidedBy(context, child),
        ...(entry.type === 'dir' ? { files: kept.files, bytes: kept.bytes, leftOut } : { bytes: entry.size }),
        used: shown && used,
        readBy: readers,
      };
    }
    if (children.length > 0 && depth > 1 && !(unused && isUnused))
      yield* entries(context, { depth: depth - 1, unused }, child);
  }
}
