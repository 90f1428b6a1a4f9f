// The figures in bench/README.md: what stands between two marks is written anew from a run.
import { readFileSync, writeFileSync } from 'node:fs';
import { judge } from '../aims.ts';
import type { BenchResult, ScenarioResult, SubjectResult } from '../result.ts';
import { median } from '../statistics.ts';
import { extrasOf, isMeasured, medianOf, megabytes, ratioOf, referenceOf, seconds } from './reference.ts';
import { lineText, seriesOf } from './series.ts';
import { valueText } from './terminal.ts';

const BEGIN = '<!-- figures: written by --readme -->';
const END = '<!-- end of figures -->';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
};

function subjectRow(subject: SubjectResult, scenario: ScenarioResult, index: number): string[] {
  const name = index === 0 ? `${scenario.name}: ${scenario.title}` : '';
  if (!isMeasured(subject)) return [name, subject.name, subject.skipped ?? 'failed', '', '', ''];
  const ratio = ratioOf(subject, referenceOf(scenario));
  const memory = megabytes(Math.max(...subject.samples.map(({ rss }) => rss)));
  return [name, subject.name, seconds(medianOf(subject)), ratio, memory, extrasOf(subject)];
}

function figures(result: BenchResult): string {
  const { machine, scenarios, samples, date } = result;
  const load = median(scenarios.flatMap((one) => one.load)).toFixed(1);
  const plain = scenarios.filter(({ axis }) => axis === undefined);
  const rows = plain.flatMap((one) => one.subjects.map((subject, index) => subjectRow(subject, one, index)));
  const lines = scenarios.flatMap((one) =>
    seriesOf(one).flatMap(({ name, line }) =>
      line && one.axis ? [[one.name, name, lineText(line, one.axis)]] : [],
    ),
  );
  const aims = judge(result).map((judgement) => {
    const { aim, value, against, met } = judgement;
    const ratio = against ? (value / against.value).toFixed(2) : '';
    const measure = aim.measure === 'ms' ? '' : `, ${aim.measure}`;
    const name = `${aim.scenario}${measure}`;
    return [
      name,
      aim.subject,
      valueText(value, judgement),
      aim.limit.text,
      ratio,
      against?.name ?? '',
      met ? 'yes' : '**no**',
    ];
  });
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB of memory, Linux ${machine.kernel}, ${machine.system}, Node ${machine.node};`,
    `${machine.disk}. ${date.slice(0, 10)}, ${samples} samples, median load average ${load}.`,
    'Times are medians; ratios are over the first peer, below 1 is better; memory is of the process that the user starts.',
    '',
    table(['scenario', 'builder', 'time', 'ratio', 'memory', ''], rows),
    ...(lines.length > 0 ? ['', table(['scenario', 'series', 'fitted'], lines)] : []),
    ...(aims.length > 0 ? ['', table(['aim of', '', 'value', 'aim', 'ratio', 'against', 'met'], aims)] : []),
  ].join('\n');
}

/** @throws where the marks are missing, and for a run with small sizes */
export function writeReadme(path: string, result: BenchResult): void {
  if (result.quick) throw new Error('figures of a --quick run say nothing: they stay out of the README');
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${path} lacks the marks around its figures`);
  writeFileSync(path, `${text.slice(0, from + BEGIN.length)}\n\n${figures(result)}\n\n${text.slice(to)}`);
}
