// Steps × rebuilds as a grid of hits and misses: a table with real headers, and what its panel of details tells.
import type { ReportedStep } from '../../explain/cache-report.ts';
import type { ReplayVariant } from '../../replay/replay-result.ts';
import { shortName, titleOf } from '../counted.ts';
import { bytesText, percentText, timeText } from '../figures.ts';
import { rootOf } from '../losses.ts';
import { plainText } from '../plain-text.ts';
import { isMiss, plainName, ranSeconds, type StepRow, savedSeconds, stepRows } from '../step-rows.ts';
import { escapeHtml } from './escape.ts';

/** What the page's program reads of one grid. */
export interface MapData {
  rows: string[];
  builds: string[];
  /** What it was, where it began, and positions in the page's words. */
  cells: ([what: string, root: string, reasons: number[]] | null)[][];
}

export interface HeatMap {
  html: string;
  data: MapData;
}

/** Reasons that a page tells of, each once. */
export interface Words {
  positions: Map<string, number>;
}

/** Of one cell; more are counted. */
const mostReasons = 12;

export function heatMap(
  variant: ReplayVariant,
  { at, words, longest }: { at: number; words: Words; longest: number },
): HeatMap {
  const { builds } = variant;
  const rows = stepRows(builds).filter(({ cells }) => cells.some((cell) => cell && isKeyed(cell)));
  const data: MapData = {
    rows: rows.map((row) => plainText(rowName(row))),
    builds: builds.map((build) => plainText(`${shortName(build)} ${titleOf(build)}`)),
    cells: rows.map(({ cells }) =>
      cells.map((cell, column) => (cell ? details(cell, builds[column]!.steps, words) : null)),
    ),
  };
  const head = builds
    .map(
      (build, column) =>
        `<th scope="col"${column === 0 ? ' class="first"' : ''}><span class="id">${escapeHtml(shortName(build))}</span></th>`,
    )
    .join('');
  const body = rows.map((row, index) => {
    const cells = row.cells.map((cell, column) =>
      gridCell(cell, { longest, isStart: index + column === 0, column }),
    );
    return `<tr><th scope="row"><span><code title="${escapeHtml(rowName(row))}">${escapeHtml(rowName(row))}</code><i>${percentText(rateOf(row))}</i></span></th>${cells.join('')}</tr>`;
  });
  const name = escapeHtml(variant.name);
  const html = `<h3 id="map-${at}"><code>${name}</code></h3>
<div class="map"><table class="grid" role="grid" aria-readonly="true" aria-labelledby="map-${at}" aria-describedby="map-keys" data-map="${at}" data-panel="panel-${at}">
<thead><tr><th scope="col" class="corner">step, and how often it hit</th>${head}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>
<div class="details" id="panel-${at}" role="region" tabindex="-1" aria-label="Details of ${name}"><p class="faint">Choose a cell to read why it missed.</p></div>`;
  return { html, data };
}

const rowName = ({ stage, name, platform }: StepRow): string =>
  [stage === undefined ? '' : `${stage}: `, name, platform === undefined ? '' : ` (${platform})`].join('');

/** Sources are read each time, and neither hit nor miss. */
const isKeyed = ({ outcome }: ReportedStep): boolean => outcome !== 'source';

function rateOf({ cells }: StepRow): number | undefined {
  const steps = cells.slice(1).filter((cell) => cell !== undefined);
  const hits = steps.filter(({ outcome }) => outcome === 'hit').length;
  const all = hits + steps.filter(isMiss).length;
  return all === 0 ? undefined : hits / all;
}

function gridCell(
  step: ReportedStep | undefined,
  { longest, isStart, column }: { longest: number; isStart: boolean; column: number },
): string {
  const tab = ` tabindex="${isStart ? 0 : -1}"`;
  const kind = [step ? classOf(step, longest) : '', column === 0 ? 'first' : ''].filter(Boolean).join(' ');
  const name = step ? labelOf(step) : 'none';
  return `<td${kind === '' ? '' : ` class="${kind}"`}${tab} aria-label="${escapeHtml(name)}"></td>`;
}

/** How dark: a quarter of the longest step, half, and so on, in powers of four. */
function classOf(step: ReportedStep, longest: number): string {
  if (step.outcome === 'hit') return 'H';
  if (step.outcome === 'failed') return 'F';
  if (!isMiss(step)) return 'S';
  const share = longest > 0 ? ranSeconds(step) / longest : 0;
  return share > 0.5 ? 'M4' : share > 0.125 ? 'M3' : share > 0.03 ? 'M2' : 'M1';
}

function labelOf(step: ReportedStep): string {
  const first = step.reasons[0];
  return `${whatOf(step)}${isMiss(step) && first !== undefined ? `: ${first}` : ''}`.slice(0, 160);
}

function whatOf(step: ReportedStep): string {
  const time = step.seconds === null ? '' : `, ${timeText(ranSeconds(step) || savedSeconds(step))}`;
  switch (step.outcome) {
    case 'hit':
      return `hit${time === '' ? '' : `, saved ${timeText(savedSeconds(step))}`}`;
    case 'ran':
      return `miss${time}`;
    case 'failed':
      return `failed${time}`;
    case 'canceled':
      return 'stopped';
    case 'unreached':
      return 'not reached';
    case 'source':
      return 'read';
  }
}

function details(
  step: ReportedStep,
  steps: readonly ReportedStep[],
  { positions }: Words,
): [string, string, number[]] {
  const { bytes, sources, outcome, reasons } = step;
  const size =
    bytes === null
      ? ''
      : 'written' in bytes
        ? `, wrote ${bytesText(bytes.written)}`
        : `, ${bytesText(bytes.reused)} reused`;
  const from = outcome === 'hit' && sources[0] !== undefined ? `, from ${sources[0]}` : '';
  const root = rootOf(step, steps);
  const told = reasons.slice(0, mostReasons);
  if (reasons.length > told.length) told.push(`and ${reasons.length - told.length} more`);
  const found = told.map((reason) => {
    const text = plainText(reason);
    const known = positions.get(text) ?? positions.size;
    positions.set(text, known);
    return known;
  });
  return [
    plainText(`${whatOf(step)}${size}${from}`),
    root === step ? '' : plainText(`${plainName(root)}, line ${root.lines[0]}`),
    found,
  ];
}
