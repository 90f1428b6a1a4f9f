// What the image of each variant holds, as HTML: layers with their bars, hints, and paths that waste bytes.
import type { ReplayResult } from '../../replay/replay-result.ts';
import { countText } from '../figures.ts';
import { hintTexts, imageTable, imageText, largestLayer, wastedPathsTable } from '../image-table.ts';
import { escapeHtml } from './escape.ts';
import { htmlTable } from './table.ts';

/** The rest saves less. */
const mostHints = 5;

export function imageSection({ variants }: ReplayResult): string {
  // One scale for all: bars of two variants stand for the same.
  const most = Math.max(0, ...variants.flatMap(({ layers }) => (layers ? largestLayer(layers) : [])));
  const parts = variants.map(({ name, layers }) => {
    if (!layers) return '';
    const [table, paths] = [imageTable(layers, most), wastedPathsTable(layers)];
    const shown = table.rows.length > 0 ? htmlTable(table, { caption: `${table.title}: ${name}` }) : '';
    const hints = hintTexts(layers).slice(0, mostHints);
    const list = hints.map((hint) => `<li>${escapeHtml(hint)}</li>`).join('');
    const count = paths.rows.length;
    const wasted =
      count === 0
        ? ''
        : `<details><summary>${countText(count, 'path')} that ${count === 1 ? 'wastes' : 'waste'} most</summary>${htmlTable(paths, { caption: `${paths.title}: ${name}` })}</details>`;
    const title = variants.length > 1 ? `<h3><code>${escapeHtml(name)}</code></h3>` : '';
    return `${title}<p>${escapeHtml(imageText(layers))}.</p>${shown}${list === '' ? '' : `<ul>${list}</ul>`}${wasted}`;
  });
  return parts.join('');
}
