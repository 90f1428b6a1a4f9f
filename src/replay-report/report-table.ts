// The tables of a report as data, which every form of it shows: terminal, Markdown, HTML.
import type { ReplayBuild, ReplayResult, ReplayVariant } from '../replay/replay-result.ts';
import { counted, shortName, titleOf } from './counted.ts';
import { bytesText, changeText, countText, percentText, sumText, timeText } from './figures.ts';
import type { Losses } from './losses.ts';
import { plainText } from './plain-text.ts';
import { isMiss, ranSeconds } from './step-rows.ts';
import { isTimed, stepTotals, type Totals, totalsOf } from './totals.ts';

export interface Cell {
  text: string;
  /** Written by others, as a path or an instruction. */
  isCode?: true;
  /** From 0 to 1: how long a bar beside it is. */
  share?: number;
  /** The longer the bar, the better. */
  isGood?: true;
}

export interface ReportTable {
  title: string;
  /** Of the columns; the first one names the rows. */
  head: string[];
  rows: Cell[][];
}

const figure = (text: string, share?: number): Cell => (share === undefined ? { text } : { text, share });
const code = (text: string): Cell => ({ text: plainText(text), isCode: true });

/** Metrics in rows, a column for each variant; the others tell how they compare with the first. */
export function variantsTable({ variants, settings }: ReplayResult): ReportTable {
  const all = variants.map(totalsOf);
  const row = (
    name: string,
    text: (totals: Totals) => string,
    value?: (totals: Totals) => number,
    isTime = false,
  ): Cell[] => {
    const most = value ? Math.max(...all.map(value)) : 0;
    return [
      { text: name },
      ...all.map((totals, at) => {
        const isKnown = isTimed(totals) && isTimed(all[0]!);
        const change =
          value && at > 0 && (isKnown || !isTime) ? ` (${changeText(value(totals), value(all[0]!))})` : '';
        return figure(text(totals) + change, value && most > 0 ? value(totals) / most : undefined);
      }),
    ];
  };
  const knowsSteps = all.some(({ hits, misses }) => hits + misses > 0);
  const { dry } = settings;
  const time = (name: string, value: (totals: Totals) => number): Cell[] =>
    row(
      name,
      (totals) => sumText(value(totals), { all: totals.rebuilds, timed: totals.timed.rebuilds }),
      value,
      true,
    );
  const rows = [
    time(dry ? 'time foretold, in all' : 'time in all', ({ seconds }) => seconds.sum),
    time('time per rebuild, median', ({ seconds }) => seconds.median),
    time('longest rebuild', ({ seconds }) => seconds.most),
  ];
  if (knowsSteps) {
    rows.push(
      row('steps that hit', ({ hits, misses, rate }) => `${hits} of ${hits + misses}, ${percentText(rate)}`),
      row('rebuilds in which all hit', ({ whole, rebuilds }) => `${whole} of ${rebuilds}`),
      row('saved by hits', ({ saved, hits, timed }) => sumText(saved, { all: hits, timed: timed.hits })),
    );
  }
  for (const name of ['written', 'pulled', 'pushed'] as const) {
    if (!all.some(({ bytes }) => bytes[name] > 0)) continue;
    rows.push(
      row(
        `bytes ${name}`,
        ({ bytes }) => bytesText(bytes[name]),
        ({ bytes }) => bytes[name],
      ),
    );
  }
  if (all.some(({ failed }) => failed > 0))
    rows.push(row('failed', ({ failed, rebuilds }) => `${failed} of ${rebuilds}`));
  return { title: 'Variants compared', head: ['', ...variants.map(({ name }) => plainText(name))], rows };
}

/** @param most what a full bar is, where several variants are compared; else the dearest step */
export function stepsTable(variant: ReplayVariant, most = dearestStep(variant)): ReportTable {
  const all = stepTotals(variant);
  return {
    title: 'Steps',
    head: ['step', 'hits', 'misses', 'hit rate', 'ran', 'saved'],
    rows: all.map(({ row, hits, misses, rate, ran, saved, timed }) => [
      code(row.stage === undefined ? row.name : `${row.stage}: ${row.name}`),
      ...[
        figure(`${hits}`),
        figure(`${misses}`),
        { ...figure(percentText(rate), rate), isGood: true as const },
      ],
      figure(sumText(ran, { all: misses, timed: timed.misses }), most > 0 ? ran / most : undefined),
      figure(sumText(saved, { all: hits, timed: timed.hits })),
    ]),
  };
}

export const dearestStep = (variant: ReplayVariant): number =>
  Math.max(0, ...stepTotals(variant).map(({ ran }) => ran));

const lossText = ({ steps, timed }: { steps: number; timed: number }, seconds: number): string =>
  sumText(seconds, { all: steps, timed });

/** @param most as above */
export function causesTable({ causes, seconds }: Losses, most = causes[0]?.seconds ?? 0): ReportTable {
  return {
    title: 'Seconds lost by cause',
    head: ['where it began', 'seconds lost', 'share', 'rebuilds', 'steps'],
    rows: causes.map((loss) => [
      code(loss.name),
      figure(lossText(loss, loss.seconds), most > 0 ? loss.seconds / most : undefined),
      figure(percentText(seconds > 0 ? loss.seconds / seconds : undefined)),
      ...[figure(`${loss.rebuilds}`), figure(`${loss.steps}`)],
    ]),
  };
}

/** @param count how many files @param most as above */
export function filesTable({ files }: Losses, count = 10, most = files[0]?.seconds ?? 0): ReportTable {
  return {
    title: 'Files that break the cache most',
    head: ['file', 'seconds', 'by itself', 'rebuilds', 'read by'],
    rows: files
      .slice(0, count)
      .map((loss) => [
        code(loss.path),
        figure(lossText(loss, loss.seconds), most > 0 ? loss.seconds / most : undefined),
        ...[
          figure(loss.timed > 0 ? timeText(loss.alone) : lossText(loss, loss.alone)),
          figure(`${loss.rebuilds}`),
        ],
        code(loss.readers.join(', ')),
      ]),
  };
}

/** Each build, the first one too. */
export function buildsTable({ builds }: ReplayVariant): ReportTable {
  const times = builds.slice(1).map(({ seconds }) => seconds ?? 0);
  const most = Math.max(0, ...times);
  return {
    title: 'Rebuild by rebuild',
    head: ['change', 'what', 'time', 'hits', 'misses', 'written', 'why'],
    rows: builds.map((build, at) => [
      code(shortName(build)),
      code(titleOf(build)),
      figure(
        build.seconds === null ? '–' : timeText(build.seconds),
        at > 0 && most > 0 ? Math.min(1, (build.seconds ?? 0) / most) : undefined,
      ),
      ...[figure(`${build.hits}`), figure(`${build.misses}`), figure(bytesText(build.bytes.written))],
      code(at === 0 ? 'the first build' : whyOf(build)),
    ]),
  };
}

/** The reason of the step that cost most, and how many more there are. */
function whyOf({ steps, outcome, error }: ReplayBuild): string {
  if (outcome === 'failed') return `failed: ${error}`;
  const missed = steps.filter(isMiss).sort((a, b) => ranSeconds(b) - ranSeconds(a));
  const reasons = [...new Set(missed.flatMap((step) => step.reasons))];
  if (reasons.length === 0) return missed.length > 0 ? 'not known' : '';
  return reasons.length === 1 ? reasons[0]! : `${reasons[0]} and ${reasons.length - 1} more`;
}

/** `60 rebuilds of main~60..main, warm runner, local cache, slipway`. */
export function subjectOf({ settings, variants, planned }: ReplayResult): string {
  const { history, runner, cache, builder, dry } = settings;
  const done = Math.max(0, ...variants.map((variant) => counted(variant).length));
  const what = history.type === 'commits' ? history.range : `the edits in ${history.file}`;
  const stopped = variants.some(({ builds }) => builds.length < planned)
    ? [`stopped: ${countText(planned - 1, 'rebuild')} were planned`]
    : [];
  return plainText(
    [
      `${countText(done, 'rebuild')} of ${what}`,
      `${runner} runner`,
      cache === 'none' ? 'no cache' : cache === 'local' ? 'local cache' : `cache ${cache}`,
      dry ? 'foretold, nothing was run' : builder,
      ...stopped,
    ].join(', '),
  );
}
