// A table of the report as HTML; bars in it only repeat what its figures say.
import type { Cell, ReportTable } from '../report-table.ts';
import { escapeHtml } from './escape.ts';

export function htmlTable(
  { head, rows }: ReportTable,
  {
    caption,
    isTall = false,
    wordColumns = [0],
    kind: look,
  }: { caption: string; isTall?: boolean; wordColumns?: number[]; kind?: 'sums' | 'long' },
): string {
  const isWords = (column: number): boolean =>
    wordColumns.includes(column) || (rows[0]?.[column]?.isCode ?? false);
  const kind = (column: number): string => (isWords(column) ? ' class="words"' : '');
  const titles = head.map((text, column) =>
    text === '' ? '<td class="words"></td>' : `<th scope="col"${kind(column)}>${escapeHtml(text)}</th>`,
  );
  const body = rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0
        ? `<th scope="row" class="words">${cellText(cell)}</th>`
        : `<td${kind(column)}>${cellText(cell)}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  // Whoever has no mouse scrolls it with the arrow keys.
  const scroll = `<div class="scroll${isTall ? ' tall' : ''}" tabindex="0" role="region" aria-label="${escapeHtml(caption)}">`;
  return `${scroll}<table class="figures${look === undefined ? '' : ` ${look}`}"><caption>${escapeHtml(caption)}</caption><thead><tr>${titles.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`;
}

function cellText({ text, isCode, share, isGood }: Cell): string {
  const words = isCode && text !== '' ? `<code>${escapeHtml(text)}</code>` : escapeHtml(text);
  if (share === undefined) return words;
  const wide = (Math.max(0, Math.min(1, share)) * 100).toFixed(1);
  return `${words}<svg class="bar${isGood ? ' saved' : ''}" aria-hidden="true"><rect class="rest" width="100%" height="100%"/><rect width="${wide}%" height="100%"/></svg>`;
}
