// What steps try, as docs/security.md lists it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../support/cli.ts';
import { escapeAttempts } from '../support/escapes/attempts.ts';

const page = join(top, 'docs/security.md');
const [start, end] = ['<!-- attempts: written by npm run docs:update -->\n', '<!-- end of attempts -->'];

export function attemptTable(): string {
  const lists = Object.entries(escapeAttempts).map(([about, attempts]) => {
    const words = attempts.map(({ what, open }) => {
      const marks = [open?.unshare && 'u', open?.chroot && 'c'].filter(Boolean);
      return marks.length > 0 ? `${what} <sup>${marks.join(', ')}</sup>` : what;
    });
    return `| ${about} (${attempts.length}) | ${words.join('; ')} |\n`;
  });
  return `| what is tried at | attempts |\n| --- | --- |\n${lists.join('')}`;
}

/** What stands in the page now. */
export function writtenAttempts(): string {
  const text = readFileSync(page, 'utf8');
  return text.slice(text.indexOf(start) + start.length, text.indexOf(end));
}

export function updateAttempts(): void {
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replace(start + writtenAttempts() + end, () => start + attemptTable() + end),
  );
}
