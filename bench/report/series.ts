// Points of the same series, and the line through them.
import type { ScenarioResult } from '../result.ts';
import { fitLine, type Line } from '../statistics.ts';
import { isMeasured, medianOf } from './reference.ts';

export interface Series {
  name: string;
  points: { x: number; y: number }[];
  line: Line | undefined;
}

export function seriesOf({ subjects }: ScenarioResult): Series[] {
  const all = new Map<string, { x: number; y: number }[]>();
  for (const subject of subjects) {
    if (!subject.at || !isMeasured(subject)) continue;
    const points = all.get(subject.at.series) ?? [];
    points.push({ x: subject.at.x, y: medianOf(subject) });
    all.set(subject.at.series, points);
  }
  return [...all].map(([name, points]) => ({ name, points, line: fitLine(points) }));
}

/** `24 ms + 3.1 µs a file`. @param axis in the plural */
export function lineText({ fixed, each }: Line, axis: string): string {
  if (each <= 0) return 'no growth above the noise';
  const cost = each < 0.1 ? `${(each * 1000).toFixed(1)} µs` : `${each.toFixed(each < 10 ? 2 : 0)} ms`;
  return `${fixed.toFixed(0)} ms + ${cost} a ${axis.replace(/s$/, '')}`;
}
