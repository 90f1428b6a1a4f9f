// A replay as one HTML file: nothing is loaded from elsewhere, and no text of others is markup in it.
import { createHash } from 'node:crypto';
import type { ReplayResult } from '../../replay/replay-result.ts';
import type { Advice } from '../advice/advice.ts';
import { subjectOf } from '../report-table.ts';
import { adviceHtml } from './advice-section.ts';
import { embeddedJson, escapeHtml } from './escape.ts';
import { imageSection } from './image-section.ts';
import { script } from './script.ts';
import {
  lossSection,
  mapSection,
  plotSection,
  rebuildSection,
  stepSection,
  summarySection,
} from './sections.ts';
import { style } from './style.ts';

interface Section {
  id: string;
  title: string;
  lead: string;
  body: string;
}

/** A whole document. */
export function htmlReport(result: ReplayResult, advice: readonly Advice[] = []): string {
  const maps = mapSection(result);
  const sections: Section[] = [
    {
      id: 'summary',
      title: 'Summary',
      lead: 'The first build fills the caches and counts in no figure.',
      body: summarySection(result),
    },
    {
      id: 'map',
      title: 'Hits and misses',
      lead: 'Each column is a build, each row a step. With a cell chosen, the arrow keys go from one to the next, and Enter to what is told of it.',
      body: maps.html,
    },
    {
      id: 'lost',
      title: 'What cost the time',
      lead: 'Seconds of steps that ran, by where it began: a step that ran because of one above it counts for that one. Several causes share in equal parts.',
      body: lossSection(result),
    },
    {
      id: 'rebuilds',
      title: 'Time and bytes per rebuild',
      lead: result.settings.dry
        ? 'Nothing was run: times are those that the steps are known to take.'
        : 'From the start of the builder to its end, and what its steps wrote.',
      body: plotSection(result),
    },
    {
      id: 'steps',
      title: 'Steps',
      lead: 'How often each hit, how long it ran in all, and what its hits saved.',
      body: stepSection(result),
    },
    {
      id: 'image',
      title: 'What the image holds',
      lead: 'Of the last build that went well, by layer. Wasted bytes lie in the image, and no name leads to them: a later layer deleted or overwrote them.',
      body: imageSection(result),
    },
    ...(advice.length === 0
      ? []
      : [
          {
            id: 'advice',
            title: 'Advice',
            lead: 'Other orders of the Dockerfile, foretold over the same history. What is built stays the same.',
            body: adviceHtml(advice),
          },
        ]),
    {
      id: 'builds',
      title: 'Rebuild by rebuild',
      lead: 'Every build with its figures, and the reason of the step that took longest.',
      body: rebuildSection(result),
    },
  ];
  const shown = sections.filter(({ body }) => body !== '');
  const subject = subjectOf(result);
  const links = shown.map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`).join('');
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${escapeHtml(subject)}</title><style>${style}</style></head><body>
<a class="skip" href="#content">Skip to the report</a>
<header><div class="over"><span>slipway bench, ${escapeHtml(result.started.slice(0, 10))}</span><button id="theme" type="button" aria-label="Switch between light and dark" hidden></button></div>
<h1>${escapeHtml(subject.split(', ')[0]!)}</h1><p class="lead">${escapeHtml(sentence(subject))}</p>
<nav aria-label="Sections"><ul>${links}</ul></nav></header>
<main id="content" tabindex="-1">
${shown.map(sectionHtml).join('\n')}
</main>
${machineFooter(result)}
<script type="application/json" id="data">${embeddedJson({ maps: maps.data, words: maps.words })}</script>
<script>${script}</script>
</body></html>
`;
}

function sentence(subject: string): string {
  const rest = subject.split(', ').slice(1).join(', ');
  return `${rest.charAt(0).toUpperCase()}${rest.slice(1)}.`;
}

const sectionHtml = ({ id, title, lead, body }: Section): string =>
  `<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2><p class="lead">${lead}</p>${body}</section>`;

function machineFooter({ machine, settings, started }: ReplayResult): string {
  const facts: [string, string][] = [
    ['builder', machine.builder],
    ['machine', `${machine.cpu}, ${machine.cpus} CPUs, ${(machine.memory / 2 ** 30).toFixed(1)} GiB`],
    ['system', `${machine.platform}, Linux ${machine.kernel}, Node ${machine.node}`],
    ['context', settings.context],
    ['flags', settings.flags.join(' ')],
    ['started', started],
  ];
  const list = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<footer><h2>How it was measured</h2><dl>${list.join('')}</dl></footer>`;
}
