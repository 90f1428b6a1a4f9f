// What the rebuilds of one Dockerfile come to: time, hits, bytes.
import type { ReplayBuild, ReplayVariant } from '../replay/replay-result.ts';
import { counted } from './counted.ts';
import { isMiss, ranSeconds, type StepRow, savedSeconds, stepRows, timedOf } from './step-rows.ts';

export interface Totals {
  rebuilds: number;
  failed: number;
  /** Of whole builds. */
  seconds: { sum: number; median: number; most: number };
  /** Of steps. */
  ran: number;
  saved: number;
  hits: number;
  misses: number;
  /** Of hits among both, from 0 to 1; undefined where there are neither. */
  rate: number | undefined;
  /** Rebuilds in which each step hit. */
  whole: number;
  bytes: { written: number; pulled: number; pushed: number };
  /** Of how many a time is known. */
  timed: { rebuilds: number; hits: number };
}

export function totalsOf(variant: ReplayVariant): Totals {
  const rebuilds = counted(variant);
  const times = rebuilds.flatMap(({ seconds }) => seconds ?? []);
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  const steps = rebuilds.flatMap(({ steps: all }) => all);
  const hits = steps.filter(({ outcome }) => outcome === 'hit').length;
  const misses = steps.filter(isMiss).length;
  const bytes = (name: 'written' | 'pulled' | 'pushed'): number =>
    sum(rebuilds.map((rebuild) => rebuild.bytes[name]));
  return {
    rebuilds: rebuilds.length,
    failed: rebuilds.filter(({ outcome }) => outcome === 'failed').length,
    seconds: { sum: sum(times), median: medianOf(times), most: Math.max(0, ...times) },
    ran: sum(steps.filter(isMiss).map(ranSeconds)),
    saved: sum(steps.map(savedSeconds)),
    hits,
    misses,
    rate: hits + misses === 0 ? undefined : hits / (hits + misses),
    whole: rebuilds.filter(isWhole).length,
    bytes: { written: bytes('written'), pulled: bytes('pulled'), pushed: bytes('pushed') },
    timed: { rebuilds: times.length, hits: timedOf(steps.filter(({ outcome }) => outcome === 'hit')) },
  };
}

/** Whether there is a time to tell of the rebuilds. */
export const isTimed = ({ rebuilds, seconds, timed }: Totals): boolean =>
  timed.rebuilds === rebuilds || seconds.sum > 0;

const isWhole = ({ outcome, steps }: ReplayBuild): boolean =>
  outcome !== 'failed' && steps.length > 0 && !steps.some(isMiss);

export interface StepTotals {
  row: StepRow;
  hits: number;
  misses: number;
  rate: number | undefined;
  /** That it ran; that its hits saved. */
  ran: number;
  saved: number;
  /** Of how many a time is known. */
  timed: { hits: number; misses: number };
}

/** One for each step that hits or misses, in the order of the Dockerfile. */
export function stepTotals(variant: ReplayVariant): StepTotals[] {
  return stepRows(counted(variant)).flatMap((row) => {
    const steps = row.cells.filter((cell) => cell !== undefined);
    const hits = steps.filter(({ outcome }) => outcome === 'hit').length;
    const misses = steps.filter(isMiss).length;
    if (hits + misses === 0) return [];
    const add = (of: (step: (typeof steps)[number]) => number): number =>
      steps.reduce((all, step) => all + of(step), 0);
    const ran = add((step) => (isMiss(step) ? ranSeconds(step) : 0));
    const timed = {
      hits: timedOf(steps.filter(({ outcome }) => outcome === 'hit')),
      misses: timedOf(steps.filter(isMiss)),
    };
    return [{ row, hits, misses, rate: hits / (hits + misses), ran, saved: add(savedSeconds), timed }];
  });
}

export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
