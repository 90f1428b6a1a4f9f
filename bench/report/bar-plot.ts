// A bar for each builder's median, and a dot for each of its samples, as SVG.
import type { ScenarioResult, SubjectResult } from '../result.ts';
import { escapeHtml } from './escape-html.ts';
import { isMeasured, medianOf, seconds } from './reference.ts';

const width = 600;
const rowHeight = 30;
const left = 230;
const right = 80;

const colorOf = ({ name, isPeer }: SubjectResult): string => {
  if (!isPeer) return 'var(--slipway)';
  return name.startsWith('buildkit') ? 'var(--buildkit)' : 'var(--buildah)';
};

/** In place of a plot where nothing was measured. */
const nothing = '<p class="faint">Nothing was measured.</p>';

export function barPlot(scenario: ScenarioResult): string {
  const subjects = scenario.subjects.filter(isMeasured);
  if (subjects.length === 0) return nothing;
  const highest = Math.max(...subjects.flatMap(({ samples }) => samples.map(({ ms }) => ms)));
  const x = (ms: number): number => left + (ms / highest) * (width - left - right);
  const rows = subjects.map((subject, index) => {
    const middle = 20 + index * rowHeight;
    const color = colorOf(subject);
    const value = medianOf(subject);
    const dots = subject.samples.map(
      ({ ms }) =>
        `<circle cx="${x(ms).toFixed(1)}" cy="${middle}" r="3" fill="var(--ground)" stroke="${color}" stroke-width="1.5"/>`,
    );
    const end = Math.max(...subject.samples.map(({ ms }) => ms));
    return `<text x="${left - 8}" y="${middle + 4}" text-anchor="end">${escapeHtml(subject.name)}</text>
<rect x="${left}" y="${middle - 8}" width="${(x(value) - left).toFixed(1)}" height="16" rx="2" fill="${color}" opacity="0.75"/>
${dots.join('')}<text x="${(x(end) + 8).toFixed(1)}" y="${middle + 4}">${seconds(value)}</text>`;
  });
  const height = 12 + subjects.length * rowHeight;
  const spoken = subjects.map((subject) => `${subject.name} ${seconds(medianOf(subject))}`).join(', ');
  const id = `plot-${scenario.name}`;
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${escapeHtml(scenario.title)}: medians as bars, samples as dots</title>
<desc id="${id}-desc">${escapeHtml(spoken)}</desc>
<line class="axis" x1="${left}" x2="${left}" y1="4" y2="${height - 4}"/>
${rows.join('\n')}</svg>`;
}
