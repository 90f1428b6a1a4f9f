// What the rebuilds of a foretelling cost, with one price for each step, so that two foretellings can be compared.
import type { ReplayVariant } from '../../replay/replay-result.ts';
import { counted } from '../counted.ts';
import { isMiss, plainName, ranSeconds, savedSeconds } from '../step-rows.ts';
import { medianOf } from '../totals.ts';

/** Seconds by what a step is called; `copy`: the dearest of those that copy. */
export interface Prices {
  steps: Map<string, number>;
  copy: number;
}

/** The median of all times that are known of each step. */
export function pricesOf(...variants: readonly ReplayVariant[]): Prices {
  const times = new Map<string, number[]>();
  let copy = 0;
  for (const step of variants.flatMap(({ builds }) => builds).flatMap(({ steps }) => steps)) {
    const seconds = isMiss(step) ? ranSeconds(step) : savedSeconds(step);
    if (step.seconds === null) continue;
    const name = plainName(step);
    const known = times.get(name);
    if (known) known.push(seconds);
    else times.set(name, [seconds]);
    if (step.type === 'copy') copy = Math.max(copy, seconds);
  }
  return { steps: new Map([...times].map(([name, all]) => [name, medianOf(all)])), copy };
}

export interface Foretold {
  /** Of each rebuild. */
  rebuilds: number[];
  seconds: number;
}

/** Undefined where a step is to run of which nobody knows how long it takes, or where a build would fail. */
export function costOf(variant: ReplayVariant, { steps: prices, copy }: Prices): Foretold | undefined {
  const rebuilds: number[] = [];
  if (variant.builds.some(({ outcome }) => outcome === 'failed')) return undefined;
  for (const { steps } of counted(variant)) {
    let seconds = 0;
    for (const step of steps.filter(isMiss)) {
      const price =
        prices.get(plainName(step)) ?? (step.type === 'copy' ? copy : step.type === 'mkdir' ? 0 : undefined);
      if (price === undefined) return undefined;
      seconds += price;
    }
    rebuilds.push(seconds);
  }
  return { rebuilds, seconds: rebuilds.reduce((sum, one) => sum + one, 0) };
}
