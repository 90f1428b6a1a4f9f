// The truth tables as a part of docs/cache.md.
import { join } from 'node:path';
import { top } from '../support/cli.ts';
import { editTable } from './edit-table.ts';
import { fileMutations, fileTable } from './file-table.ts';

export const pagePath = join(top, 'docs/cache.md');

const [begin, end] = ['<!-- truth table: made by npm run docs:update -->', '<!-- end of the truth table -->'];

/** The page with the tables as the data has them. */
export function withTables(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('the page has no place for the truth tables');
  return `${page.slice(0, from + begin.length)}\n${tables()}\n${page.slice(to)}`;
}

function tables(): string {
  return [
    'Files that the last of these lines reads (`…`: the folder of the row, with a file `f.txt` or `f.tar`):',
    '',
    row(['instruction', ...fileMutations.map(({ title }) => title)]),
    row(['---', ...fileMutations.map(() => '---')]),
    ...fileTable.map(({ id, lines, misses }) =>
      row([
        lines
          .map((line) => code(line.replaceAll(new RegExp(`(?<= |source=)${id}(?=[ /,])`, 'g'), '…')))
          .join('<br>'),
        ...fileMutations.map((mutation) => answer(misses[mutation.id])),
      ]),
    ),
    '',
    'Edits of the Dockerfile, of what a build is given, and of the base; `true` stands for any RUN on it:',
    '',
    row(['change', 'the step, or the RUN on it']),
    row(['---', '---']),
    ...editTable.map(({ title, miss }) => row([changeText(title), answer(miss)])),
    '',
    'With `--no-cache` every step misses: the cache was not to be used (--no-cache).',
  ].join('\n');
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const escaped = (text: string): string => text.replaceAll('|', '\\|');

const code = (text: string): string => `\`${escaped(text)}\``;

const answer = (miss: readonly string[] | undefined): string =>
  miss === undefined ? 'hit' : `**miss**: ${escaped(miss.join('; ')).replaceAll('<', '&lt;')}`;

/** `A → B` are instructions; anything else is words. */
function changeText(title: string): string {
  const sides = title.split(' → ');
  return sides.length === 2 && !title.includes(', above')
    ? sides.map((side) => code(side.replaceAll('\n', '⏎'))).join(' → ')
    : escaped(title);
}
