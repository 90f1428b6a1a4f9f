// What the image of a variant holds, in a table and in a few words: where its bytes come from, and which nobody can reach.
import type { LayerReport, LayersReport, Tally } from '../inspect/layers-report.ts';
import { bytesText, countText, percentText } from './figures.ts';
import { plainText } from './plain-text.ts';
import type { Cell, ReportTable } from './report-table.ts';

/** @param most what a full bar is, in bytes */
export function imageTable(report: LayersReport, most = largestLayer(report)): ReportTable {
  const bar = (bytes: number): Cell => ({
    text: bytesText(bytes),
    ...(most > 0 ? { share: bytes / most } : {}),
  });
  return {
    title: 'Layers',
    head: ['instruction', 'line', 'size', 'added', 'overwritten', 'deleted', 'wasted'],
    rows: report.layers.map((layer) => [
      { text: instructionOf(report, layer), isCode: true },
      { text: lineOf(report, layer) },
      bar(layer.bytes),
      ...[layer.added, layer.overwritten, layer.deleted].map((tally) => ({ text: tallyText(tally) })),
      bar(layer.wasted),
    ]),
  };
}

export const largestLayer = ({ layers }: LayersReport): number =>
  Math.max(0, ...layers.map(({ bytes }) => bytes));

export function wastedPathsTable({ wastedPaths }: LayersReport): ReportTable {
  return {
    title: 'Paths that waste most',
    head: ['path', 'copies', 'wasted'],
    rows: wastedPaths.items.map(({ path, copies, bytes }) => [
      { text: plainText(`/${path}`), isCode: true },
      { text: `${copies}` },
      { text: bytesText(bytes) },
    ]),
  };
}

/** `43 MB in 6 layers, 1204 files; 2.1 MB (5 %) wasted`. */
export function imageText({ total }: LayersReport): string {
  const share = total.bytes > 0 ? ` (${percentText(total.wasted / total.bytes)})` : '';
  const sizes = `${bytesText(total.bytes)} in ${countText(total.layers, 'layer')}, ${countText(total.files, 'file')}`;
  return `${sizes}; ${bytesText(total.wasted)}${share} wasted`;
}

/** What saves most first; foreign words in it are one line. */
export const hintTexts = ({ hints }: LayersReport): string[] =>
  hints.map(({ bytes, text }) => plainText(`${bytesText(bytes)} less: ${text}`));

function instructionOf({ instructions }: LayersReport, { instruction }: LayerReport): string {
  return plainText(instructions[instruction]?.text ?? '') || '(the history does not tell)';
}

function lineOf({ instructions }: LayersReport, { base, instruction }: LayerReport): string {
  if (base) return 'base';
  const place = instructions[instruction]?.place;
  return place ? `${place.lines[0]}` : '–';
}

const tallyText = ({ files, bytes }: Tally): string =>
  files === 0 ? '–' : `${countText(files, 'file')}, ${bytesText(bytes)}`;
