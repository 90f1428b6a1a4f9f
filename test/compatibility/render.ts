// docs/compatibility.md, from the rows.
import type { Refusal, Refusals } from './refusals.ts';
import type { Row, Section } from './row.ts';

const head = `# Compatibility

What Slipway does of all that Dockerfiles, \`docker buildx build\`, \`docker buildx bake\`, Buildah, Kaniko and Hadolint offer. **yes** means the same
as there, **partly** what the note says, and **no** that asking for it is an error, which the row quotes: nothing is accepted and ignored.
Each row has a name to link to, and is held true by the test suite, which runs it through the command line, unless the row says why that can't be.

This file is written by \`npm run docs:update\` from \`test/compatibility/rows\`; don't edit it.
`;

export function renderDocument(sections: readonly Section[], refusals: Refusals): string {
  const rows = sections.flatMap((section) => section.rows);
  const count = (status: Row['status']): string => String(rows.filter((row) => row.status === status).length);
  const total = `${rows.length} rows: ${count('yes')} yes, ${count('partly')} partly, ${count('no')} no.\n`;
  const contents = sections.map(({ slug, title }) => `- [${title}](#${slug})`).join('\n');
  return [head, total, `${contents}\n`, ...sections.map((section) => renderSection(section, refusals))].join(
    '\n',
  );
}

function renderSection({ slug, title, rows }: Section, refusals: Refusals): string {
  const lines = rows.map(
    (row) => `| ${[anchor(row.slug), row.what, row.status, noteOf(row, refusals)].map(cell).join(' | ')} |`,
  );
  return [
    `<a id="${slug}"></a>\n\n## ${title}\n`,
    '| name | what | | note |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

const anchor = (slug: string): string => `<a id="${slug}"></a>[${slug}](#${slug})`;

function noteOf(row: Row, refusals: Refusals): string {
  const parts = row.note === undefined ? [] : [sentence(row.note)];
  if ('probes' in row) parts.push(...quote(refusals[row.slug] ?? []));
  else parts.push(`Not tested here: ${sentence(row.unproven)}`);
  return parts.join(' ');
}

/** Errors with the same hint stand together. */
function quote(refusals: readonly Refusal[]): string[] {
  const hints = [...new Set(refusals.map(({ hint }) => hint))];
  return hints.map((hint) => {
    const same = refusals.filter((one) => one.hint === hint).map(({ message }) => `\`ERROR: ${message}\``);
    return `${same.join(', ')}${hint === undefined ? '' : ` (hint: ${hint})`}.`;
  });
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const cell = (text: string): string => text.replaceAll('\n', ' ').replaceAll(/(?<!\\)\|/g, '\\|');
