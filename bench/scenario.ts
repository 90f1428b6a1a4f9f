// A scenario of the benchmark, its subjects (the builders that take part) and their samples.
import type { Bench } from './bench.ts';
import type { Measured } from './builder.ts';

export interface Sample extends Measured {
  /** Of the result, where it is a file. */
  bytes?: number;
  /** To a registry, where these are counted. */
  requests?: number;
  /** Bytes to and from the registry. */
  moved?: number;
}

/** Takes one sample; throws `WrongResult` where the work was not done as it should. @param round counts from 0 */
export interface Trial {
  sample(round: number): Promise<Sample>;
  close?(): Promise<void>;
}

export interface Subject {
  name: string;
  /** The one that the others' ratios are over is the first that is no Slipway. */
  isPeer: boolean;
  version: string;
  notes: string[];
  /** Place on the plot of a series, as in 1000 files. */
  at?: { series: string; x: number };
  /** @throws Skipped where it can't take part */
  open(): Promise<Trial>;
}

export interface Scenario {
  /** Words choose scenarios by a part of it. */
  name: string;
  title: string;
  /** What is timed, and how the result is checked. */
  what: string;
  /** More than this many samples are not taken: it takes long. */
  mostSamples?: number;
  /** For a plot over sizes. */
  axis?: string;
  subjects(bench: Bench): Promise<Subject[]>;
}

/** The builder did something else than it was asked for: its time counts for nothing. */
export class WrongResult extends Error {}

export function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new WrongResult(`${what}: ${actual}, not ${expected}`);
}
