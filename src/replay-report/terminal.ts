// A replay as lines for a terminal.
import type { ReplayResult } from '../replay/replay-result.ts';
import type { Advice } from './advice/advice.ts';
import { adviceLines } from './advice/advice-text.ts';
import { hintTexts, imageText } from './image-table.ts';
import { lossesOf } from './losses.ts';
import { shortened } from './plain-text.ts';
import {
  causesTable,
  filesTable,
  type ReportTable,
  stepsTable,
  subjectOf,
  variantsTable,
} from './report-table.ts';

/** How many causes and files are told of. */
const most = 10;
/** Characters of a step, a cause or a path. */
const widest = 56;

/** Without line ends; what foreign names could do to a terminal is taken out. */
export function terminalReport(result: ReplayResult, advice: readonly Advice[] = []): string[] {
  const lines = [subjectOf(result), '', ...tableLines(variantsTable(result), 1)];
  for (const variant of result.variants) {
    const name = result.variants.length > 1 ? ` of ${shortened(variant.name, widest)}` : '';
    const losses = lossesOf(variant);
    const add = (table: ReportTable): void => {
      if (table.rows.length > 0) lines.push('', `${table.title}${name}`, ...tableLines(table));
    };
    add(stepsTable(variant));
    const causes = causesTable(losses);
    add({ ...causes, rows: causes.rows.slice(0, most) });
    add(filesTable(losses));
    const { layers } = variant;
    if (!layers) continue;
    const [hint] = hintTexts(layers);
    lines.push('', `What the image holds${name}`, `  ${imageText(layers)}`);
    if (hint !== undefined) lines.push(`  ${hint}`);
  }
  return [...lines, ...adviceLines(advice)];
}

function tableLines({ head, rows }: ReportTable, wordColumns = 0): string[] {
  const texts = [head, ...rows.map((row) => row.map(({ text }) => text))].map((row) =>
    row.map((text) => shortened(text, widest)),
  );
  const widths = head.map((_, at) => Math.max(...texts.map((row) => [...(row[at] ?? '')].length)));
  // Foreign words stand on the left, figures on the right.
  const isLeft = head.map((_, at) => at === 0 || wordColumns > 0 || (rows[0]?.[at]?.isCode ?? false));
  return texts.map((row) =>
    `  ${row.map((text, at) => (isLeft[at] ? pad(text, widths[at]!) : padStart(text, widths[at]!))).join('  ')}`.trimEnd(),
  );
}

const blanks = (text: string, width: number): string => ' '.repeat(Math.max(0, width - [...text].length));
const pad = (text: string, width: number): string => text + blanks(text, width);
const padStart = (text: string, width: number): string => blanks(text, width) + text;
