// What decided about a path of a context, and who reads it, in a line.
import type { ContextNode, ContextReport, ContextUse } from '../../index.ts';
import { humanSize } from './images/human.ts';

/** `.dockerignore:3:node_modules`, or `no pattern`. */
export function decidedBy(
  { ignoreFile, rules }: ContextUse,
  { decider }: Pick<ContextNode, 'decider'>,
): string {
  const rule = rules[decider];
  return rule ? `${ignoreFile}:${rule.line}:${rule.text}` : 'no pattern';
}

/** `Dockerfile:4 [build 3/4] COPY src ./`. */
export function stepText({ steps }: ContextReport, index: number): string {
  const { file, line, name, inTarget } = steps[index]!;
  return `${file}:${line} ${name}${inTarget ? '' : ' (not in this target)'}`;
}

/** What is known of a path; paths of several contexts say which. */
export interface Answer {
  context: string;
  path: string;
  exists: boolean;
  /** A build sees it. */
  kept: boolean;
  /** What decided, as `file:line:pattern`; undefined where no pattern matches. */
  decidedBy: string | undefined;
  /** Places of steps. Of a folder: all that read something in it. */
  readers: number[];
  /** The node, where it exists. */
  node: ContextNode | undefined;
}

export const readersBelow = (node: ContextNode): number[] => {
  const found = new Set<number>();
  const visit = (one: ContextNode): void => {
    for (const reader of one.readers) found.add(reader);
    for (const child of one.children) if (child.shown) visit(child);
  };
  visit(node);
  return [...found].sort((a, b) => a - b);
};

/** Of a path that is not there, too: what would decide about it. */
export function answerWhy(report: ContextReport, asked: string): Answer[] {
  const parts = asked.split('/').filter((part) => part !== '' && part !== '.');
  const path = parts.join('/') || '.';
  const answers = report.contexts.map((context): Answer => {
    let node: ContextNode | undefined = context.root;
    for (const part of parts) node = node?.children.find(({ name }) => name === part);
    const decider = node?.decider ?? context.decider(parts.join('/'));
    return {
      ...{ context: context.name, path, exists: node !== undefined, kept: node?.shown ?? false },
      decidedBy: decider < 0 ? undefined : decidedBy(context, { decider }),
      readers: node ? readersBelow(node) : [],
      node,
    };
  });
  return answers.filter(({ exists, context }) => exists || context === '');
}

export function whyLines(report: ContextReport, paths: readonly string[]): string[] {
  return paths.flatMap((path) => answerWhy(report, path).map((answer) => answerLine(report, answer)));
}

function answerLine(report: ContextReport, answer: Answer): string {
  const { context, path, exists, kept, node, readers } = answer;
  const name = context === '' ? path : `${context}: ${path}`;
  const by = answer.decidedBy ?? 'no pattern';
  if (!exists || !node) return `${name}: is not there; what decides about it: ${by}`;
  if (!kept) return `${name}: left out by ${by}`;
  const parts =
    node.leftOut.files === 0
      ? ''
      : `; ${node.leftOut.files} files in it (${humanSize(node.leftOut.bytes)}) are left out`;
  const how = node.ignored ? `kept for what is below it, else left out by ${by}` : `kept: ${by}`;
  const steps = readers.map((index) => stepText(report, index)).join(', ');
  return `${name}: ${how}${parts}; ${steps === '' ? 'no step reads it' : `read by ${steps}`}`;
}
