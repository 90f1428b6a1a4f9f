// The steps of many builds of one Dockerfile as one list, though lines move, come and go over its history.
import type { ReportedStep } from '../explain/cache-report.ts';
import type { ReplayBuild } from '../replay/replay-result.ts';

export interface StepRow {
  /** In one line, without its place: `RUN make`. */
  name: string;
  stage: string | undefined;
  platform: string | undefined;
  /** What it is in each build; undefined where the Dockerfile has no such step. */
  cells: (ReportedStep | undefined)[];
}

/** In the order of the Dockerfile, new ones behind what they follow. Without contexts, which are read each time. */
export function stepRows(builds: readonly Pick<ReplayBuild, 'steps'>[]): StepRow[] {
  const rows: (StepRow & { key: string })[] = [];
  for (const [at, { steps }] of builds.entries()) {
    let last = -1;
    for (const { key, step } of keyed(steps)) {
      let place = rows.findIndex((row) => row.key === key);
      if (place < 0) {
        place = last + 1;
        const { stage, platform } = step;
        rows.splice(place, 0, { key, name: plainName(step), stage, platform, cells: [] });
      }
      rows[place]!.cells[at] = step;
      last = place;
    }
  }
  return rows.map(({ key: _, cells, ...row }) => ({ ...row, cells: builds.map((_, at) => cells[at]) }));
}

/** `[build 2/4] RUN make` without its label, which moves with each step above it. */
export const plainName = ({ name }: Pick<ReportedStep, 'name'>): string => name.replace(/^\[[^\]]*\] /, '');

function keyed(steps: readonly ReportedStep[]): { key: string; step: ReportedStep }[] {
  const seen = new Map<string, number>();
  return steps
    .filter(({ type }) => type !== 'context')
    .sort((a, b) => a.lines[0] - b.lines[0] || a.step - b.step)
    .map((step) => {
      // A base image is the same step under each digest.
      const words = step.type === 'image' ? step.name.replace(/@sha256:[0-9a-f]{64}$/, '') : plainName(step);
      const key = [step.platform ?? '', step.stage ?? '', step.type, words].join('\n');
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      return { key: `${key}\n${count}`, step };
    });
}

/** It ran, or was to. */
export const isMiss = ({ outcome }: Pick<ReportedStep, 'outcome'>): boolean =>
  outcome === 'ran' || outcome === 'failed' || outcome === 'canceled';

/** Seconds that a step ran; 0 of a hit. */
export const ranSeconds = ({ seconds }: Pick<ReportedStep, 'seconds'>): number =>
  seconds !== null && 'ran' in seconds ? seconds.ran : 0;

/** Seconds that a hit saved. */
export const savedSeconds = ({ seconds }: Pick<ReportedStep, 'seconds'>): number =>
  seconds !== null && 'saved' in seconds ? seconds.saved : 0;

/** How many of them tell a time. */
export const timedOf = (steps: readonly Pick<ReportedStep, 'seconds'>[]): number =>
  steps.filter(({ seconds }) => seconds !== null).length;
