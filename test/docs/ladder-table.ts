// The isolation ladder as docs/security.md has it: a table of rungs, and one of rungs against protections.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Hold, ladder, type Protection, protections, rungs } from '../../src/runtime/ladder.ts';
import { top } from '../support/cli.ts';

const page = join(top, 'docs/security.md');
const [start, end] = ['<!-- ladder: written by npm run docs:update -->\n', '<!-- end of ladder -->'];

/** Notes get numbers in the order in which they are met; equal ones share one. */
export function ladderTable(): string {
  const notes: string[] = [];
  const note = (text: string): string => {
    if (!notes.includes(text)) notes.push(text);
    return ` <sup>${notes.indexOf(text) + 1}</sup>`;
  };
  const cell = (hold: Hold): string => {
    if (hold.holds === 'partly') return `partly${note(hold.but)}`;
    if (hold.holds === 'yes' && hold.with !== undefined) return `yes${note(`with ${hold.with}`)}`;
    return hold.holds;
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const names = rungs.map((rung) => `\`${rung}\``);
  const body = (Object.keys(protections) as Protection[]).map((each) =>
    row([protections[each], ...rungs.map((rung) => cell(ladder[rung].protections[each]))]),
  );
  return [
    row(['rung', 'steps run']),
    row(['---', '---']),
    ...rungs.map((rung) => row([`\`${rung}\``, ladder[rung].how])),
    '\n',
    row(['what holds', ...names]),
    row(['---', ...rungs.map(() => '---')]),
    ...body,
    '\n',
    ...notes.map((text, index) => `${index + 1}. ${text[0]!.toUpperCase()}${text.slice(1)}.\n`),
  ].join('');
}

/** What stands in the page now. */
export function writtenTable(): string {
  const text = readFileSync(page, 'utf8');
  return text.slice(text.indexOf(start) + start.length, text.indexOf(end));
}

export function updatePage(): void {
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.replace(start + writtenTable() + end, start + ladderTable() + end));
}
