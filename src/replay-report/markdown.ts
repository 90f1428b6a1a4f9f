// A replay as Markdown for a pull request: short, and foreign names as code, so that they neither format nor call anybody.
import type { ReplayResult, ReplayVariant } from '../replay/replay-result.ts';
import type { Advice } from './advice/advice.ts';
import { adviceMarkdown } from './advice/advice-text.ts';
import { codeSpan, escapeText } from './code-span.ts';
import { changeText, countText, percentText, timeText } from './figures.ts';
import { hintTexts, imageText } from './image-table.ts';
import { type Losses, lossesOf } from './losses.ts';
import {
  type Cell,
  causesTable,
  filesTable,
  type ReportTable,
  subjectOf,
  variantsTable,
} from './report-table.ts';
import { isTimed, totalsOf } from './totals.ts';

const most = 5;

export function markdownReport(result: ReplayResult, advice: readonly Advice[] = []): string {
  const [first, ...others] = result.variants;
  if (first === undefined) return '';
  const parts = ['## Rebuilds measured', `${escapeText(subjectOf(result))}.`, headline(first)];
  for (const other of others) parts.push(...compared(first, other));
  parts.push(markdownTable(variantsTable(result)));
  for (const variant of result.variants) {
    const losses = lossesOf(variant);
    if (losses.causes.length === 0) continue;
    const name = others.length > 0 ? ` with ${codeSpan(variant.name)}` : '';
    parts.push(`### Why steps ran again${name}`);
    parts.push(worst(losses));
  }
  parts.push(...images(result.variants));
  const told = adviceMarkdown(advice);
  if (told !== '') parts.push(told);
  return `${parts.join('\n\n')}\n`;
}

function headline(variant: ReplayVariant): string {
  const totals = totalsOf(variant);
  const { rate, seconds, rebuilds, misses, hits } = totals;
  const took = isTimed(totals) ? ` took **${timeText(seconds.sum)}**` : ', of unknown time';
  const share = hits + misses > 0 ? `: **${percentText(rate)}** of the steps hit the cache` : '';
  return `With ${codeSpan(variant.name)}, ${countText(rebuilds, 'rebuild')}${took}${share}.`;
}

function compared(first: ReplayVariant, other: ReplayVariant): string[] {
  const both = [totalsOf(first), totalsOf(other)] as const;
  if (!both.every(isTimed)) return [];
  const [before, after] = [both[0].seconds.sum, both[1].seconds.sum];
  return [`With ${codeSpan(other.name)}, they took **${timeText(after)}** (${changeText(after, before)}).`];
}

/** For each variant what its image holds, and what would save most. */
function images(variants: readonly ReplayVariant[]): string[] {
  const lines = variants.flatMap(({ name, layers }) => {
    if (!layers) return [];
    const [hint] = hintTexts(layers);
    const more = hint === undefined ? [] : [`  - ${escapeText(hint)}`];
    return [`- ${variants.length > 1 ? `${codeSpan(name)}: ` : ''}${escapeText(imageText(layers))}`, ...more];
  });
  return lines.length === 0 ? [] : ['### What the image holds', lines.join('\n')];
}

function worst(losses: Losses): string {
  const causes = causesTable(losses);
  const files = filesTable(losses, most);
  const tables = [markdownTable({ ...causes, rows: causes.rows.slice(0, most) })];
  if (files.rows.length > 0) tables.push(markdownTable(files));
  return tables.join('\n\n');
}

function markdownTable({ head, rows }: ReportTable): string {
  const isWords = head.map((_, at) => at === 0 || (rows[0]?.[at]?.isCode ?? false));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head.map((text) => (text === '' ? ' ' : escapeText(text)))),
    line(isWords.map((one) => (one ? ':---' : '---:'))),
    ...rows.map((row) => line(row.map(markdownCell))),
  ].join('\n');
}

const markdownCell = ({ text, isCode }: Cell): string => (isCode ? codeSpan(text) : escapeText(text));
