// The parts of the page, each over all variants.
import type { ReplayResult, ReplayVariant } from '../../replay/replay-result.ts';
import { counted, shortName } from '../counted.ts';
import { bytesText, changeText, countText, percentText, sumText, timeText } from '../figures.ts';
import { lossesOf } from '../losses.ts';
import {
  buildsTable,
  causesTable,
  dearestStep,
  filesTable,
  type ReportTable,
  stepsTable,
  variantsTable,
} from '../report-table.ts';
import { isMiss, ranSeconds } from '../step-rows.ts';
import { isTimed, medianOf, totalsOf } from '../totals.ts';
import { escapeHtml } from './escape.ts';
import { heatMap, type MapData } from './heat-map.ts';
import { barPlot } from './plot.ts';
import { htmlTable } from './table.ts';

/** Causes that are shown at once. */
const mostCauses = 12;

const nameOf = ({ name }: ReplayVariant): string => `<code>${escapeHtml(name)}</code>`;

export function summarySection(result: ReplayResult): string {
  const { variants } = result;
  const all = variants.map(totalsOf);
  const best = Math.min(...all.map(({ seconds }) => seconds.sum));
  const isKnown = all.every(isTimed);
  const tiles = variants.map((variant, at) => {
    const { seconds, rate, saved, rebuilds, timed } = all[at]!;
    const known = { all: rebuilds, timed: timed.rebuilds };
    const isBest = variants.length > 1 && isKnown && seconds.sum === best;
    const first = all[0]!.seconds.sum;
    const change =
      at === 0 || !isKnown ? '' : `<p>${comparison(seconds.sum, first)} ${nameOf(variants[0]!)}</p>`;
    const hits = rate === undefined ? '' : `<div><dt>steps that hit</dt><dd>${percentText(rate)}</dd></div>`;
    return `<div class="tile${isBest ? ' best' : ''}"><h3>${nameOf(variant)}</h3><dl><div><dt>${countText(rebuilds, 'rebuild')}</dt><dd>${sumText(seconds.sum, known)}</dd></div>
<div><dt>median</dt><dd>${sumText(seconds.median, known)}</dd></div>${hits}${saved > 0 ? `<div><dt>saved by hits</dt><dd>${timeText(saved)}</dd></div>` : ''}</dl>${change}</div>`;
  });
  const caption = variants.length > 1 ? 'Variants side by side; changes are over the first' : 'All figures';
  return `<div class="tiles">${tiles.join('')}</div>${htmlTable(variantsTable(result), { caption, kind: 'sums' })}`;
}

function comparison(seconds: number, first: number): string {
  const change = changeText(seconds, first);
  const isLess = change.startsWith('−');
  if (!isLess && !change.startsWith('+')) return 'as long as';
  const kind = isLess ? ['good', 'less'] : ['bad', 'more'];
  return `<span class="${kind[0]}">${change.slice(1)} ${kind[1]} time</span> than`;
}

export function mapSection({ variants }: ReplayResult): { html: string; data: MapData[]; words: string[] } {
  const words = { positions: new Map<string, number>() };
  const steps = variants.flatMap(({ builds }) => builds.flatMap((build) => build.steps.filter(isMiss)));
  const longest = steps.reduce((most, step) => Math.max(most, ranSeconds(step)), 0);
  if (
    !variants.some(({ builds }) =>
      builds.some((build) => build.steps.some(({ outcome }) => outcome !== 'source')),
    )
  )
    return { html: '', data: [], words: [] };
  const maps = variants.map((variant, at) => heatMap(variant, { at, words, longest }));
  const key = [
    ['H', 'hit'],
    ...(longest > 0
      ? [
          ['M1', `miss, below ${timeText(longest * 0.03)}`],
          ['M2', `miss, to ${timeText(longest * 0.125)}`],
          ['M3', `miss, to ${timeText(longest * 0.5)}`],
          ['M4', 'miss, longer'],
        ]
      : [['M1', 'miss']]),
    ['F', 'failed'],
    ['S', 'not run'],
  ].map(([kind, text]) => `<li><span class="${kind}" aria-hidden="true"></span>${text}</li>`);
  return {
    html: `<ul class="key" id="map-keys" aria-label="Key">${key.join('')}</ul>${maps.map(({ html }) => html).join('\n')}`,
    data: maps.map(({ data }) => data),
    words: [...words.positions.keys()],
  };
}

/** A block for each variant, side by side where there is room. */
function pair(
  variants: readonly ReplayVariant[],
  body: (variant: ReplayVariant, at: number) => string,
): string {
  const blocks = variants.map((variant, at) => {
    const html = body(variant, at);
    return html === '' ? '' : `<div>${variants.length > 1 ? `<h3>${nameOf(variant)}</h3>` : ''}${html}</div>`;
  });
  return blocks.every((block) => block === '') ? '' : `<div class="pair">${blocks.join('')}</div>`;
}

const captionOf = (table: ReportTable, { name }: ReplayVariant): string => `${table.title}: ${name}`;

export function lossSection({ variants }: ReplayResult): string {
  // One scale for all: bars of two variants stand side by side.
  const all = variants.map(lossesOf);
  const most = Math.max(0, ...all.map(({ causes }) => causes[0]?.seconds ?? 0));
  const mostOfFile = Math.max(0, ...all.map(({ files }) => files[0]?.seconds ?? 0));
  return pair(variants, (variant, at) => {
    const losses = all[at]!;
    if (losses.causes.length === 0) return '';
    const causes = causesTable(losses, most);
    const [files, rest] = [filesTable(losses, 10, mostOfFile), causes.rows.slice(mostCauses)];
    const shown = htmlTable(
      { ...causes, rows: causes.rows.slice(0, mostCauses) },
      { caption: captionOf(causes, variant) },
    );
    const more =
      rest.length === 0
        ? ''
        : `<details><summary>${countText(rest.length, 'more cause')}</summary>${htmlTable({ ...causes, rows: rest }, { caption: `More causes: ${variant.name}` })}</details>`;
    const broken =
      files.rows.length === 0
        ? ''
        : `<br>${htmlTable(files, { caption: `${captionOf(files, variant)}, the dearest ${files.rows.length}` })}`;
    return `${shown}${more}${broken}`;
  });
}

export function plotSection({ variants }: ReplayResult): string {
  const all = variants.flatMap(counted);
  if (all.length === 0) return '';
  const longest = Math.max(...all.map(({ seconds }) => seconds ?? 0));
  const bytesOf = ({ bytes }: (typeof all)[number]): number => bytes.written + bytes.pulled + bytes.pushed;
  const largest = Math.max(...all.map(bytesOf));
  return pair(variants, (variant, at) => {
    const rebuilds = counted(variant);
    const times = rebuilds.map((build) => ({ name: shortName(build), value: build.seconds ?? 0 }));
    const middle = medianOf(times.map(({ value }) => value));
    const hasTimes = isTimed(totalsOf(variant));
    const timePlot = !hasTimes
      ? ''
      : barPlot({
          ...{ id: `time-${at}`, title: 'Time', note: `median ${timeText(middle)}, the dashed line` },
          ...{ bars: times, most: longest, text: timeText, middle },
        });
    if (largest === 0 && !hasTimes) return '';
    if (largest === 0) return timePlot;
    const bytes = rebuilds.map((build) => ({ name: shortName(build), value: bytesOf(build) }));
    const sum = bytes.reduce((whole, { value }) => whole + value, 0);
    const bytesPlot = barPlot({
      ...{ id: `bytes-${at}`, title: 'Bytes', note: `written, pulled and pushed: ${bytesText(sum)} in all` },
      ...{ bars: bytes, most: largest, text: bytesText, isSecond: true },
    });
    return `${timePlot}${bytesPlot}<p class="faint"><a href="#builds-${at}">These figures as a table</a></p>`;
  });
}

export function stepSection({ variants }: ReplayResult): string {
  const most = Math.max(0, ...variants.map(dearestStep));
  return pair(variants, (variant) => {
    const table = stepsTable(variant, most);
    return table.rows.length === 0 ? '' : htmlTable(table, { caption: captionOf(table, variant) });
  });
}

export function rebuildSection({ variants }: ReplayResult): string {
  return variants
    .map((variant, at) => {
      const table = buildsTable(variant);
      return `<h3 id="builds-${at}">${nameOf(variant)}</h3>${htmlTable(table, { caption: captionOf(table, variant), isTall: true, kind: 'long' })}`;
    })
    .join('\n');
}
