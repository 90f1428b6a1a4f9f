// All results as one HTML page: a plot and a table for each scenario, nothing loaded from elsewhere.
import { judge } from '../aims.ts';
import type { BenchResult, ScenarioResult, SubjectResult } from '../result.ts';
import { median } from '../statistics.ts';
import { barPlot } from './bar-plot.ts';
import { escapeHtml } from './escape-html.ts';
import { linePlot } from './line-plot.ts';
import {
  cpuOf,
  extrasOf,
  isMeasured,
  medianOf,
  megabytes,
  ratioOf,
  referenceFor,
  seconds,
} from './reference.ts';
import { lineText, seriesOf } from './series.ts';
import { valueText } from './terminal.ts';

const style = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --faint: #667; --line: #d4d9e0; --slipway: #0b63ce;
  --buildkit: #c2560a; --buildah: #6b7280; --good: #116b34; --bad: #b3261e; --c0: #0b63ce; --c1: #c2560a; --c2: #11805a; --c3: #8a3fbf;
  --c4: #b3261e; --c5: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171c; --text: #e6e9ee; --faint: #9aa4b2; --line: #343b46; --slipway: #6aa9ff;
  --buildkit: #ff9d5c; --buildah: #a3adba; --good: #5fd08a; --bad: #ff8a80; --c0: #6aa9ff; --c1: #ff9d5c; --c2: #4fd0a0; --c3: #cf9bff;
  --c4: #ff8a80; --c5: #a3adba; } }
body { margin: 0 auto; max-width: 92rem; padding: 1.5rem; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 0.2rem; }
p { margin: 0.3rem 0; } .faint { color: var(--faint); font-size: 0.9rem; }
.pair { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: flex-start; }
.pair > figure { flex: 1 1 24rem; margin: 0.6rem 0; max-width: 38rem; } .pair > .table { flex: 1 1 42rem; overflow-x: auto; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg .faint { fill: var(--faint); } svg .axis { stroke: var(--line); }
table { border-collapse: collapse; font-size: 0.82rem; margin: 0.6rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: 0.15rem 0.45rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.words, th.words { text-align: left; } td.words { white-space: normal; min-width: 8rem; } caption { text-align: left; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
`;

const cell = (text: string): string => `<td>${escapeHtml(text)}</td>`;

function subjectRow(subject: SubjectResult, scenario: ScenarioResult): string {
  const name = `<th scope="row">${escapeHtml(subject.name)}</th>`;
  if (!isMeasured(subject)) {
    const why =
      subject.failed === undefined
        ? `skipped: ${subject.skipped ?? 'no samples'}`
        : `failed: ${subject.failed.slice(0, 300)}`;
    return `<tr>${name}<td class="words" colspan="7">${escapeHtml(why)}</td></tr>`;
  }
  const reference = referenceFor(scenario, subject);
  const times = subject.samples.map(({ ms }) => ms);
  const cells = [
    ...[seconds(medianOf(subject)), seconds(Math.min(...times)), ratioOf(subject, reference)],
    ...[seconds(cpuOf(subject)), ratioOf(subject, reference, cpuOf)],
    megabytes(Math.max(...subject.samples.map(({ rss }) => rss))),
  ];
  return `<tr>${name}${cells.map(cell).join('')}<td class="words">${escapeHtml(extrasOf(subject))}</td></tr>`;
}

function subjectTable(scenario: ScenarioResult): string {
  const head = ['median', 'best', 'ratio', 'CPU', 'ratio', 'memory']
    .map((word) => `<th scope="col">${word}</th>`)
    .join('');
  const rows = scenario.subjects.map((subject) => subjectRow(subject, scenario)).join('\n');
  return `<div class="table"><table><caption class="faint">Times of ${escapeHtml(scenario.name)}</caption>
<thead><tr><th scope="col">builder</th>${head}<th scope="col" class="words"></th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function section(scenario: ScenarioResult): string {
  const { axis, title, what, name, load } = scenario;
  const series = seriesOf(scenario);
  const plot = axis === undefined ? barPlot(scenario) : linePlot(series, { axis, title });
  const lines = series.flatMap(({ name: words, line }) =>
    line && axis ? [`<li>${escapeHtml(words)}: ${escapeHtml(lineText(line, axis))}</li>`] : [],
  );
  const fitted =
    lines.length > 0
      ? `<p class="faint">Lines fitted through the medians:</p><ul>${lines.join('')}</ul>`
      : '';
  return `<section aria-labelledby="${name}"><h2 id="${name}">${escapeHtml(title)}</h2>
<p class="faint">${escapeHtml(what)} Load average ${load.map((value) => value.toFixed(1)).join(' before, ')} after.</p>
<div class="pair"><figure>${plot}</figure>${subjectTable(scenario)}</div>${fitted}</section>`;
}

function aimsSection(result: BenchResult): string {
  const rows = judge(result).map((judgement) => {
    const { aim, value, against, met } = judgement;
    const compared = against
      ? [(value / against.value).toFixed(2), `${valueText(against.value, judgement)}: ${against.name}`]
      : ['', ''];
    const measure = aim.measure === 'ms' ? 'time' : aim.measure === 'rss' ? 'memory' : aim.measure;
    return `<tr><th scope="row">${escapeHtml(`${aim.scenario}, ${measure}`)}</th>${cell(aim.subject)}${cell(valueText(value, judgement))}
<td class="words">${escapeHtml(aim.limit.text)}</td>${compared.map((text) => `<td class="words">${escapeHtml(text)}</td>`).join('')}
<td class="${met ? 'good' : 'bad'}">${met ? 'met' : 'missed'}</td></tr>`;
  });
  if (rows.length === 0) return '';
  const head = ['scenario', '', 'value', 'aim', 'ratio', 'against', '']
    .map((word) => `<th scope="col">${word}</th>`)
    .join('');
  return `<section aria-labelledby="aims"><h2 id="aims">Aims</h2><div class="table"><table>
<thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div></section>`;
}

function builders({ scenarios }: BenchResult): string {
  const all = new Map<string, string>();
  for (const { name, version, notes, at } of scenarios.flatMap(({ subjects }) => subjects))
    if (!at && version !== '') all.set(name, [version, ...notes].join('; '));
  return [...all].map(([name, text]) => `<li>${escapeHtml(`${name}: ${text}`)}</li>`).join('');
}

/** A whole document. */
export function htmlReport(result: BenchResult): string {
  const { machine, date, samples, missing, quick } = result;
  const loads = median(result.scenarios.flatMap(({ load }) => load));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Slipway: benchmark</title><style>${style}</style></head><body>
<h1>Slipway: benchmark</h1>
<p>${escapeHtml(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, Linux ${machine.kernel}, ${machine.system}, Node ${machine.node}, ${machine.disk}`)}</p>
<p class="faint">${escapeHtml(`${date}; ${samples} samples of each, interleaved; median load average ${loads.toFixed(1)}. Ratios are over the first peer of a scenario; below 1 is better.`)}
${quick ? '<strong>Small sizes, whatever the titles say.</strong>' : ''}</p>
<ul class="faint">${builders(result)}${missing.map((line) => `<li>missing: ${escapeHtml(line)}</li>`).join('')}</ul>
${aimsSection(result)}
${result.scenarios.map(section).join('\n')}
</body></html>
`;
}
