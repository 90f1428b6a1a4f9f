// What Slipway aims at, and how far a run got: against the peers of the same run, and against figures of the newest BuildKit on two cores.
import { referenceOf } from './report/reference.ts';
import type { BenchResult, ScenarioResult, SubjectResult } from './result.ts';
import { median } from './statistics.ts';

type Measure = 'ms' | 'requests' | 'rss' | 'bytes';

export interface Aim {
  scenario: string;
  /** Of Slipway; `slipway` alone is what users get. */
  subject: string;
  measure: Measure;
  /** The most that is aimed at. @param peer the same measure of the peer; absent where the aim stands by itself */
  limit:
    | { over: 'peer'; most: (peer: number) => number; text: string }
    | { over: 'nothing'; most: number; text: string };
  /** What the newest BuildKit took (version of August 2026, its daemon running), measured once on two cores. */
  newest?: number;
}

const times = (factor: number): Aim['limit'] => ({
  over: 'peer',
  most: (peer) => factor * peer,
  text: `≤ ${factor} ×`,
});
const atMost = (most: number, text: string): Aim['limit'] => ({ over: 'nothing', most, text });

const time = (scenario: string, factor: number, newest: number, subject = 'slipway'): Aim => ({
  ...{ scenario, subject, newest, measure: 'ms', limit: times(factor) },
});

export const aims: readonly Aim[] = [
  time('rebuild', 0.25, 260),
  time('rebuild-tar', 0.25, 680),
  time('change', 0.25, 800),
  time('runs', 0.33, 2300, 'slipway oci'),
  time('runs', 0.15, 2300, 'slipway sandbox'),
  time('pull', 0.5, 1900),
  time('pull-tar', 0.5, 2750),
  time('copy-big', 0.4, 15_000),
  { scenario: 'copy-big', subject: 'slipway', measure: 'bytes', limit: times(1.05) },
  time('copy-many', 0.15, 7590),
  time('run-many', 0.2, 13_570),
  {
    ...{ scenario: 'stages', subject: 'slipway', measure: 'ms', newest: 1270 },
    limit: {
      over: 'peer',
      most: (peer) => 1.1 * (1000 + Math.max(0, peer - 1000) / 2),
      text: '≤ 1.1 × (1 s + half of what the peer adds)',
    },
  },
  time('ci', 0.7, 190),
  { scenario: 'ci', subject: 'slipway', measure: 'requests', limit: atMost(10, '≤ 10') },
  { scenario: 'memory', subject: 'slipway', measure: 'rss', limit: atMost(200e6, '≤ 200 MB') },
  { scenario: 'lint', subject: 'slipway lint', measure: 'ms', limit: atMost(1000, '< 1 s') },
  { scenario: 'start', subject: 'slipway --version', measure: 'ms', limit: atMost(60, '< 60 ms') },
];

export interface Judgement {
  aim: Aim;
  value: number;
  /** Against what: a peer of this run, the newest BuildKit's figure, or nothing. */
  against: { name: string; value: number } | undefined;
  met: boolean;
}

/** Archives without compression are no measure for the size of one with it. */
const compresses = ({ notes }: SubjectResult): boolean =>
  !notes.some((note) => note.includes('without compression'));

function peersOf(scenario: ScenarioResult, measure: Measure): SubjectResult[] {
  const usable = scenario.subjects.filter(
    (one) =>
      one.isPeer && one.failed === undefined && one.samples.some((sample) => sample[measure] !== undefined),
  );
  if (measure === 'bytes') return usable.filter(compresses).slice(0, 1);
  const reference = referenceOf(scenario);
  return usable.filter((one) => one === reference || (one.name.startsWith('buildkit') && compresses(one)));
}

const measuredOf = ({ samples }: SubjectResult, measure: Measure): number =>
  median(samples.map((sample) => sample[measure]).filter((value) => value !== undefined));

export function judge({ scenarios, quick }: BenchResult): Judgement[] {
  if (quick) return [];
  return aims.flatMap((aim): Judgement[] => {
    const scenario = scenarios.find(({ name }) => name === aim.scenario);
    const own = scenario?.subjects.find(({ name }) => name === aim.subject);
    if (!scenario || !own || own.samples.length === 0 || own.failed !== undefined) return [];
    const value = measuredOf(own, aim.measure);
    const { limit } = aim;
    if (limit.over === 'nothing') return [{ aim, value, against: undefined, met: value <= limit.most }];
    const peers = peersOf(scenario, aim.measure).map((peer) => ({
      name: peer.name,
      value: measuredOf(peer, aim.measure),
    }));
    const newest =
      aim.newest === undefined ? [] : [{ name: 'newest BuildKit, measured earlier', value: aim.newest }];
    return [...peers, ...newest].map((against) => ({
      aim,
      value,
      against,
      met: value <= limit.most(against.value),
    }));
  });
}
