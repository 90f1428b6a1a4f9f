// What `slipway context` prints for people: a tree of the context, its steps, and what no step reads.
import type { ContextNode, ContextReport, ContextUse, Figures } from '../../index.ts';
import { decidedBy, readersBelow, stepText } from './context-why.ts';
import { humanSize } from './images/human.ts';
import { layOut } from './images/table.ts';

/** Rows of one folder, where nobody asked for a depth. */
const mostRows = 20;
const defaultDepth = 3;

const count = ({ files }: Figures): string => `${files} file${files === 1 ? '' : 's'}`;
const figures = (one: Figures): string => `${humanSize(one.bytes)} in ${count(one)}`;
const bytesOf = ({ kept, leftOut }: ContextNode): number => kept.bytes + leftOut.bytes;

interface Choice {
  depth: number | undefined;
  isBySize: boolean;
}

export function overview(report: ContextReport, choice: Choice): string[] {
  const lines = report.contexts.flatMap((context) => contextLines(report, context, choice));
  lines.push('STEPS');
  if (report.steps.length === 0) lines.push('  no step reads the context');
  report.steps.forEach((step, index) => {
    lines.push(`  ${stepText(report, index)}: ${figures(step.figures)}`);
  });
  const [main] = report.contexts;
  if (main && main.unused.files > 0)
    lines.push(
      '',
      `No step reads ${figures(main.unused)}: --unused lists it, --diff shows an ignore file without it, --fix writes that.`,
    );
  return lines;
}

function contextLines(report: ContextReport, context: ContextUse, choice: Choice): string[] {
  const { name, source, ignoreFile, kept, leftOut, unused, root } = context;
  const title = name === '' ? `context ${source}` : `context ${name} (${source})`;
  const rows: string[] = ['SIZE\tFILES\tPATH\tDECIDED BY\tREAD BY'];
  const uniform = alike(root);
  const levels = choice.depth ?? defaultDepth;

  function addRows(node: ContextNode, level: number): void {
    const children = sorted(node.children, choice);
    const shown = choice.depth === undefined ? largest(children) : children;
    for (const child of shown) {
      rows.push(row(report, context, child, level));
      const isPlain = uniform.has(child) && choice.depth === undefined;
      if (child.children.length > 0 && level < levels && !isPlain) addRows(child, level + 1);
    }
    const hidden = children.length - shown.length;
    if (hidden > 0) rows.push(`\t\t${'  '.repeat(level - 1)}… and ${hidden} that are smaller\t\t`);
  }

  if (levels > 0) addRows(root, 1);
  return [
    `${title}, ignore file: ${ignoreFile ?? 'none'}`,
    `kept:     ${figures(kept)}; no step reads ${figures(unused)}`,
    `left out: ${figures(leftOut)}`,
    '',
    ...(rows.length > 1
      ? layOut(rows)
          .trimEnd()
          .split('\n')
          .map((line) => line.trimEnd())
      : ['it is empty']),
    '',
  ];
}

function sorted(nodes: readonly ContextNode[], { isBySize }: Choice): readonly ContextNode[] {
  return isBySize ? [...nodes].sort((a, b) => bytesOf(b) - bytesOf(a)) : nodes;
}

/** In their order. */
function largest(nodes: readonly ContextNode[]): readonly ContextNode[] {
  if (nodes.length <= mostRows) return nodes;
  const chosen = new Set([...nodes].sort((a, b) => bytesOf(b) - bytesOf(a)).slice(0, mostRows));
  return nodes.filter((node) => chosen.has(node));
}

/** The folders in which all files were decided and are read alike. */
function alike(root: ContextNode): Set<ContextNode> {
  const found = new Set<ContextNode>();
  /** A file that stands for all of them; null where they differ. */
  const visit = (node: ContextNode): ContextNode | null => {
    if (node.children.length === 0) return node;
    let common: ContextNode | null | undefined;
    for (const child of node.children) {
      const one = visit(child);
      if (common === undefined) common = one;
      else if (common && !(one && isAlike(common, one))) common = null;
    }
    if (common) found.add(node);
    return common ?? null;
  };
  visit(root);
  return found;
}

function isAlike(a: ContextNode, b: ContextNode): boolean {
  if (a.decider !== b.decider || a.shown !== b.shown) return false;
  return a.readers === b.readers || a.readers.join() === b.readers.join();
}

function row(report: ContextReport, context: ContextUse, node: ContextNode, level: number): string {
  const { name, entry, shown, kept, leftOut } = node;
  const path = `${'  '.repeat(level - 1)}${name.replaceAll('\t', ' ')}${entry.type === 'dir' ? '/' : ''}`;
  const size = shown ? humanSize(kept.bytes) : `(${humanSize(leftOut.bytes)})`;
  const files = entry.type === 'dir' ? String(shown ? kept.files : leftOut.files) : '';
  const some = shown && leftOut.files > 0 ? `, ${count(leftOut)} left out` : '';
  const despite = shown && node.ignored ? ' (kept for what is in it)' : '';
  const decided = decidedBy(context, node).replaceAll('\t', ' ');
  return [size, files, path, `${decided}${despite}${some}`, readText(report, node)].join('\t');
}

/** `Dockerfile:4, Dockerfile:9; 2 files unread`. */
function readText({ steps }: ContextReport, node: ContextNode): string {
  if (!node.shown) return 'left out';
  const readers = new Set(readersBelow(node).map((index) => `${steps[index]!.file}:${steps[index]!.line}`));
  if (readers.size === 0) return 'no step';
  const unread = node.entry.type === 'dir' && node.unused.files > 0 ? `; ${count(node.unused)} unread` : '';
  return [...readers].join(', ') + unread;
}

export function unusedLines({ contexts }: ContextReport, isBySize: boolean): string[] {
  const rows: { node: ContextNode; context: string }[] = [];
  for (const { name, root } of contexts) {
    const visit = (node: ContextNode): void => {
      for (const child of node.children) {
        if (!child.shown) continue;
        if (child.used) visit(child);
        else rows.push({ node: child, context: name });
      }
    };
    visit(root);
  }
  if (isBySize) rows.sort((a, b) => b.node.kept.bytes - a.node.kept.bytes);
  if (rows.length === 0) return ['some step reads each file'];
  const lines = rows.map(({ node, context }) => {
    const path = `${node.path.slice(1)}${node.entry.type === 'dir' ? '/' : ''}`;
    return `${humanSize(node.kept.bytes)}\t${node.kept.files}\t${context === '' ? path : `${context}: ${path}`}`;
  });
  return layOut(['SIZE\tFILES\tPATH', ...lines])
    .trimEnd()
    .split('\n');
}

/** Notes, and what steps could not read. */
export function problemLines(report: ContextReport): string[] {
  const failed = report.steps.flatMap(({ problems }, index) =>
    problems.map((problem) => `${stepText(report, index)} fails: ${problem}`),
  );
  return [...failed, ...report.notes].map((line) => `note: ${line}`);
}
