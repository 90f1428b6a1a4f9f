// An ignore file that leaves out, too, what no step reads: what is there stays as it is written, new lines come before or after it.
import { readIgnorePatterns } from '../dockerfile/ignore.ts';
import type { ContextNode } from './context-node.ts';

export interface IgnoreProposal {
  /** The whole file; the same as before where nothing is to be left out. */
  text: string;
  /** The lines that are new, its heading aside. */
  lines: string[];
  /** Paths that no line of such a file can name. */
  unnameable: string[];
}

export interface ProposalInput {
  root: ContextNode;
  /** The text that decides today; undefined where there is no such file. */
  text: string | undefined;
  /** The name of the file in the context; undefined where it lies outside. */
  file: string | undefined;
}

const heading = '# No step reads these (slipway context --fix)';

/**
 * What is proposed leaves out nothing that is read, and names what is there: a file that comes later is seen as before. Only where steps name
 * single files of a directory is the rest of it left out as a whole, if that takes fewer lines.
 */
export function proposeIgnore({ root, text: before, file }: ProposalInput): IgnoreProposal {
  const text = before ?? '';
  const patterns = readIgnorePatterns(text);
  // What is taken back below could take back more than is meant.
  const mayInvert = patterns.every((pattern) => !pattern.startsWith('!'));
  const lines: string[] = [];
  const unnameable: string[] = [];
  let inverted = false;

  function leaveOut(nodes: readonly ContextNode[]): void {
    for (const { path } of nodes) {
      const pattern = patternOf(path);
      if (pattern === undefined) unnameable.push(path);
      else lines.push(pattern);
    }
  }

  function visit(node: ContextNode): void {
    const shown = node.children.filter((child) => child.shown);
    const used = shown.filter((child) => child.used);
    const unused = shown.filter((child) => !child.used);
    // It is there for what is shown in it alone, and a step reads that it is there.
    const vanishes = node.ignored && used.length === 0 && node.used;
    const invert = mayInvert && !vanishes && !node.listed && used.length + 1 < unused.length;
    const back = invert ? used.map(({ path }) => patternOf(path)) : [];
    if (invert && !back.includes(undefined) && patternOf(node.path) !== undefined) {
      inverted = true;
      lines.push(node.path === '/' ? '*' : `${patternOf(node.path)}/*`);
      lines.push(...back.map((pattern) => `!${pattern}`));
    } else if (!vanishes) leaveOut(unused);
    for (const child of used) visit(child);
  }

  visit(root);
  // The file itself would be new in the context.
  if (before === undefined && file !== undefined && lines.length > 0 && !lines.includes('*'))
    lines.push(patternOf(`/${file}`)!);
  return { text: lines.length === 0 ? text : withLines(text, lines, inverted), lines, unnameable };
}

/** The pattern that names exactly this path; undefined where a line can't hold it. */
function patternOf(path: string): string | undefined {
  if (path === '/') return '';
  const relative = path.slice(1);
  if (/[\n\r\0\uFEFF]|[\uD800-\uDFFF]/u.test(relative)) return undefined;
  return relative
    .replace(/[\\*?[\]]/g, '\\$&')
    .replace(/^[#!]/, '\\$&')
    .replace(/^\s|\s$/g, (blank) => `[${blank}]`);
}

/** In front of all else where lines take something back: what the user's lines leave out stays out. */
function withLines(text: string, lines: readonly string[], before: boolean): string {
  const end = /\r\n/.test(text) ? '\r\n' : '\n';
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const own = text.slice(mark.length);
  const block = (list: readonly string[]): string => list.map((line) => line + end).join('');
  if (own.trim() === '') return `${mark}${own}${block([heading, ...lines])}`;
  if (before) return `${mark}${block([heading, ...lines])}${end}${own}`;
  const whole = own.endsWith('\n') ? own : own + end;
  const continues = whole
    .split(end + end)
    .at(-1)!
    .startsWith(heading);
  return `${mark}${whole}${continues ? '' : end}${block(continues ? lines : [heading, ...lines])}`;
}
