// What ratios are over, and how numbers are written.
import type { ScenarioResult, SubjectResult } from '../result.ts';
import { median } from '../statistics.ts';

export const seconds = (ms: number): string =>
  ms < 1000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

export const isMeasured = ({ samples, failed }: SubjectResult): boolean =>
  samples.length > 0 && failed === undefined;

export const medianOf = (subject: SubjectResult): number => median(subject.samples.map(({ ms }) => ms));

export const cpuOf = (subject: SubjectResult): number => median(subject.samples.map(({ cpuMs }) => cpuMs));

/** The peer that ratios are over: the first that has samples. */
export function referenceOf({ subjects }: ScenarioResult): SubjectResult | undefined {
  return subjects.find((one) => one.isPeer && isMeasured(one));
}

/** Of a series, the same size's. */
export function referenceFor(scenario: ScenarioResult, { at }: SubjectResult): SubjectResult | undefined {
  if (!at) return referenceOf(scenario);
  const kind = at.series.split(', ').at(-1);
  const subjects = scenario.subjects.filter(
    (one) => one.at?.x === at.x && one.at.series.split(', ').at(-1) === kind,
  );
  return referenceOf({ ...scenario, subjects });
}

/** @param measure wall clock where it is left out */
export function ratioOf(
  subject: SubjectResult,
  reference: SubjectResult | undefined,
  measure: (one: SubjectResult) => number = medianOf,
): string {
  if (!reference) return '';
  return reference === subject ? '1' : (measure(subject) / measure(reference)).toFixed(2);
}

/** What else was counted. */
export function extrasOf({ samples }: SubjectResult): string {
  const last = samples.at(-1);
  const daemon = Math.max(0, ...samples.map(({ daemonRss }) => daemonRss));
  return [
    last?.bytes === undefined ? '' : `${megabytes(last.bytes)} out`,
    last?.requests === undefined ? '' : `${last.requests} requests`,
    last?.moved === undefined ? '' : `${megabytes(last.moved)} moved`,
    daemon === 0 ? '' : `daemon ${megabytes(daemon)}`,
  ]
    .filter(Boolean)
    .join(', ');
}
