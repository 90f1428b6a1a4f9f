// The table on the terminal.
import type { BenchResult, ScenarioResult, SubjectResult } from '../result.ts';
import { median } from '../statistics.ts';

export const seconds = (ms: number): string =>
  ms < 1000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

export const medianOf = (subject: SubjectResult): number => median(subject.samples.map(({ ms }) => ms));

/** The peer that ratios are over: the first that has samples. */
export function referenceOf({ subjects }: ScenarioResult): SubjectResult | undefined {
  return subjects.find(({ isPeer, samples, failed }) => isPeer && samples.length > 0 && failed === undefined);
}

export function ratioOf(subject: SubjectResult, reference: SubjectResult | undefined): string {
  if (!reference || reference === subject) return reference ? '1' : '';
  return (medianOf(subject) / medianOf(reference)).toFixed(2);
}

function extras({ samples }: SubjectResult): string {
  const last = samples.at(-1);
  return [
    last?.bytes === undefined ? '' : `${megabytes(last.bytes)} out`,
    last?.requests === undefined ? '' : `${last.requests} requests`,
    last?.moved === undefined ? '' : `${megabytes(last.moved)} moved`,
  ]
    .filter(Boolean)
    .join(', ');
}

function row(subject: SubjectResult, reference: SubjectResult | undefined): string {
  const { samples, name, skipped, failed } = subject;
  const start = `  ${name.padEnd(34)}`;
  if (failed !== undefined) return `${start} FAILED: ${failed.split('\n')[0]}`;
  if (skipped !== undefined) return `${start} skipped: ${skipped}`;
  if (samples.length === 0) return `${start} no samples`;
  const times = samples.map(({ ms }) => ms);
  const cells = [
    seconds(median(times)),
    seconds(Math.min(...times)),
    ratioOf(subject, reference),
    seconds(median(samples.map(({ cpuMs }) => cpuMs))),
    megabytes(Math.max(...samples.map(({ rss }) => rss))),
  ];
  return `${start}${cells.map((cell) => cell.padStart(10)).join('')}  ${extras(subject)}`.trimEnd();
}

export function scenarioTable(scenario: ScenarioResult): string {
  const head = ['median', 'best', 'ratio', 'cpu', 'memory'].map((word) => word.padStart(10)).join('');
  const reference = referenceOf(scenario);
  const load = scenario.load.map((value) => value.toFixed(1)).join(' to ');
  return [
    `${scenario.name}: ${scenario.title} (load ${load})`,
    `  ${''.padEnd(34)}${head}`,
    ...scenario.subjects.map((subject) => row(subject, reference)),
    '',
  ].join('\n');
}

export function headText(result: BenchResult): string {
  const { machine, missing } = result;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, Linux ${machine.kernel}, ${machine.system}, Node ${machine.node}`,
    `${machine.disk}; ${result.samples} samples, interleaved; ${result.date}`,
    ...missing.map((line) => `missing: ${line}`),
    ...(result.extraCertificates ? ['NODE_EXTRA_CA_CERTS is set here; timed commands run without it'] : []),
    '',
  ].join('\n');
}

/** A line for each builder. */
export function notesText({ scenarios }: BenchResult): string {
  const all = new Map(scenarios.flatMap(({ subjects }) => subjects.map((one) => [one.name, one] as const)));
  return [...all.values()].map(({ name, version, notes }) => [name, version, ...notes].join('; ')).join('\n');
}
