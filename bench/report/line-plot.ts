// Times over sizes as SVG: both axes are logarithmic, so that a cost per file is a straight line wherever it rules.
import { escapeHtml } from './escape-html.ts';
import { seconds } from './reference.ts';
import type { Series } from './series.ts';

const size = { width: 600, height: 380, left: 76, right: 34, top: 12, bottom: 46 };

const log = (value: number): number => Math.log10(Math.max(value, 1e-6));

/** Powers of ten from below the least to above the highest. */
function decades(values: readonly number[]): number[] {
  const from = Math.floor(log(Math.min(...values)) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(log(Math.max(...values)) - 1e-9));
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
}

export interface LinePlotOptions {
  /** What x counts, in the plural. */
  axis: string;
  title: string;
}

export function linePlot(series: readonly Series[], { axis, title }: LinePlotOptions): string {
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return '<p class="faint">Nothing was measured.</p>';
  const { width, height, left, right, top, bottom } = size;
  const [xs, ys] = [decades(points.map(({ x }) => x)), decades(points.map(({ y }) => y))];
  const share = (value: number, range: readonly number[]): number =>
    (log(value) - log(range[0]!)) / (log(range.at(-1)!) - log(range[0]!));
  const px = (x: number): number => left + share(x, xs) * (width - left - right);
  const py = (y: number): number => height - bottom - share(y, ys) * (height - top - bottom);
  const grid = [
    ...xs.map(
      (x) =>
        `<line class="axis" x1="${px(x)}" x2="${px(x)}" y1="${top}" y2="${height - bottom}"/>
<text x="${px(x)}" y="${height - bottom + 18}" text-anchor="middle">${x.toLocaleString('en')}</text>`,
    ),
    ...ys.map(
      (y) =>
        `<line class="axis" x1="${left}" x2="${width - right}" y1="${py(y)}" y2="${py(y)}"/>
<text x="${left - 8}" y="${py(y) + 4}" text-anchor="end">${seconds(y)}</text>`,
    ),
  ];
  const dashes = ['', '6 3', '2 3', '8 3 2 3'];
  const drawn = series.map(({ points: own }, index) => {
    const color = `var(--c${index % 6})`;
    const path = own.map(({ x, y }) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ');
    const marks = own.map(
      ({ x, y }) => `<circle cx="${px(x).toFixed(1)}" cy="${py(y).toFixed(1)}" r="4" fill="${color}"/>`,
    );
    const dash = dashes[index % dashes.length];
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"${dash ? ` stroke-dasharray="${dash}"` : ''}/>${marks.join('')}`;
  });
  const legend = series.map(({ name }, index) => {
    const y = height + 6 + index * 20;
    const dash = dashes[index % dashes.length];
    return `<line x1="${left}" x2="${left + 32}" y1="${y - 4}" y2="${y - 4}" stroke="var(--c${index % 6})" stroke-width="3"${dash ? ` stroke-dasharray="${dash}"` : ''}/>
<text x="${left + 42}" y="${y}">${escapeHtml(name)}</text>`;
  });
  const spoken = series
    .map(
      ({ name, points: own }) => `${name}: ${own.map(({ x, y }) => `${x} ${axis} ${seconds(y)}`).join(', ')}`,
    )
    .join('; ');
  const id = `plot-${axis}`;
  return `<svg viewBox="0 0 ${width} ${height + 6 + series.length * 20}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${escapeHtml(title)}: time over ${axis}</title><desc id="${id}-desc">${escapeHtml(spoken)}</desc>
${grid.join('\n')}
<text class="faint" x="${(left + width - right) / 2}" y="${height - bottom + 38}" text-anchor="middle">${axis}</text>
${drawn.join('\n')}
${legend.join('\n')}</svg>`;
}
