// Bars over the rebuilds as SVG: they stretch with the page, their words do not. The table behind it is its text alternative.
import { countText } from '../figures.ts';
import { escapeHtml } from './escape.ts';

export interface BarPlot {
  /** Unique in the page. */
  id: string;
  title: string;
  /** Beside the title. */
  note: string;
  bars: { name: string; value: number }[];
  /** What a full bar is; the same for plots that are to be compared. */
  most: number;
  text: (value: number) => string;
  /** A line across. */
  middle?: number;
  /** Of the second of two kinds of plots. */
  isSecond?: boolean;
}

/** Rounded up to 1, 2 or 5 of a power of ten. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (
    [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= value * 0.999) ?? 10 * power
  );
}

export function barPlot({ id, title, note, bars, most, text, middle, isSecond }: BarPlot): string {
  const top = roundUp(most);
  const height = (value: number): number => Number(Math.min(100, (value / top) * 100).toFixed(2));
  const share = 100 / Math.max(1, bars.length);
  const rects = bars.map(({ name, value }, at) => {
    const tall = value > 0 ? Math.max(height(value), 0.7) : 0;
    return `<rect x="${(at * share + share * 0.1).toFixed(3)}%" width="${(share * 0.8).toFixed(3)}%" y="${(100 - tall).toFixed(2)}%" height="${tall.toFixed(2)}%"><title>${escapeHtml(`${name}: ${text(value)}`)}</title></rect>`;
  });
  const largest = bars.reduce<BarPlot['bars'][number] | undefined>(
    (best, bar) => (best === undefined || bar.value > best.value ? bar : best),
    undefined,
  );
  const words = [
    countText(bars.length, 'bar'),
    ...(middle === undefined ? [] : [`median ${text(middle)}`]),
    ...(largest === undefined ? [] : [`most ${text(largest.value)} with ${largest.name}`]),
  ].join(', ');
  const line = (y: number, kind = ''): string => `<line x1="0" x2="100%" y1="${y}%" y2="${y}%"${kind}/>`;
  const ends = [bars[0], bars[bars.length >> 1], bars.at(-1)].map(
    (bar) => `<span>${escapeHtml(bar?.name ?? '')}</span>`,
  );
  return `<figure class="plot"><figcaption>${title} <span>${escapeHtml(note)}</span></figcaption>
<div class="frame"><div class="axis" aria-hidden="true"><span>${text(top)}</span><span>${text(top / 2)}</span><span>0</span></div>
<svg role="img" aria-labelledby="${id}-t ${id}-d" class="${isSecond ? 'b2' : 'b'}"><title id="${id}-t">${title}</title><desc id="${id}-d">${escapeHtml(words)}</desc>
${line(0)}${line(50)}${line(100)}<g class="${isSecond ? 'b2' : 'b'}">${rects.join('')}</g>${middle === undefined ? '' : line(100 - height(middle), ' class="middle"')}</svg>
<div class="along id" aria-hidden="true">${ends.join('')}</div></div></figure>`;
}
