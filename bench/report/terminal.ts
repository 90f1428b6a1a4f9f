// The tables on the terminal.
import { type Judgement, judge } from '../aims.ts';
import type { BenchResult, ScenarioResult, SubjectResult } from '../result.ts';
import { median } from '../statistics.ts';
import { cpuOf, extrasOf, megabytes, ratioOf, referenceFor, seconds } from './reference.ts';
import { lineText, seriesOf } from './series.ts';

function row(subject: SubjectResult, scenario: ScenarioResult): string {
  const { samples, name, skipped, failed } = subject;
  const start = `  ${name.padEnd(40)}`;
  if (failed !== undefined) return `${start} FAILED (see below)`;
  if (skipped !== undefined) return `${start} skipped: ${skipped}`;
  if (samples.length === 0) return `${start} no samples`;
  const times = samples.map(({ ms }) => ms);
  const reference = referenceFor(scenario, subject);
  const cells = [
    seconds(median(times)),
    seconds(Math.min(...times)),
    ratioOf(subject, reference),
    seconds(cpuOf(subject)),
    ratioOf(subject, reference, cpuOf),
    megabytes(Math.max(...samples.map(({ rss }) => rss))),
  ];
  return `${start}${cells.map((cell) => cell.padStart(10)).join('')}  ${extrasOf(subject)}`.trimEnd();
}

export function scenarioTable(scenario: ScenarioResult): string {
  const head = ['median', 'best', 'ratio', 'cpu', 'ratio', 'memory']
    .map((word) => word.padStart(10))
    .join('');
  const load = scenario.load.map((value) => value.toFixed(1)).join(' to ');
  const { axis = '' } = scenario;
  return [
    `${scenario.name}: ${scenario.title} (load ${load})`,
    `  ${''.padEnd(40)}${head}`,
    ...scenario.subjects.map((subject) => row(subject, scenario)),
    ...seriesOf(scenario).map(({ name, line }) =>
      line ? `  ${name.padEnd(40)} fitted: ${lineText(line, axis)}` : '',
    ),
    ...scenario.subjects
      .filter(({ failed }) => failed !== undefined)
      .map(({ name, failed = '' }) => `  ${name} failed: ${shorten(failed)}`),
    '',
  ].join('\n');
}

/** The beginning, and the end of what a command said. */
const shorten = (text: string): string =>
  text.length < 1500 ? text : `${text.slice(0, 300)} …\n… ${text.slice(-1200)}`;

export function headText(result: BenchResult): string {
  const { machine, missing, samples, date } = result;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, Linux ${machine.kernel}, ${machine.system}, Node ${machine.node}`,
    `${machine.disk}; ${samples} samples, interleaved; ${date}`,
    ...(result.quick ? ['quick: small sizes, whatever the titles say'] : []),
    ...missing.map((line) => `missing: ${line}`),
    ...(result.extraCertificates ? ['NODE_EXTRA_CA_CERTS is set here; timed commands run without it'] : []),
    '',
  ].join('\n');
}

/** A line for each builder. */
export function notesText({ scenarios }: BenchResult): string {
  const all = new Map<string, SubjectResult>();
  for (const one of scenarios.flatMap(({ subjects }) => subjects)) if (!one.at) all.set(one.name, one);
  return [...all.values()]
    .filter(({ version, notes }) => version !== '' || notes.length > 0)
    .map(({ name, version, notes }) => `${name}: ${[version, ...notes].filter(Boolean).join('; ')}`)
    .join('\n');
}

export const valueText = (value: number, { aim }: Judgement): string => {
  if (aim.measure === 'ms') return seconds(value);
  return aim.measure === 'requests' ? String(value) : megabytes(value);
};

export function aimsText(result: BenchResult): string {
  const rows = judge(result).map((judgement) => {
    const { aim, value, against, met } = judgement;
    const measure = aim.measure === 'ms' ? '' : `, ${aim.measure}`;
    const ratio = against
      ? `${(value / against.value).toFixed(2)} × ${valueText(against.value, judgement)} of ${against.name}`
      : '';
    const words = [
      `${aim.scenario}${measure}`.padEnd(18),
      aim.subject.padEnd(18),
      valueText(value, judgement).padStart(9),
    ];
    return `  ${met ? 'met   ' : 'MISSED'} ${words.join(' ')}  aim ${aim.limit.text}  ${ratio}`.trimEnd();
  });
  return ['aims:', ...rows, ''].join('\n');
}
