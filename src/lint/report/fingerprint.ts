// What a finding is known by when the lines around it have moved.
import { createHash } from 'node:crypto';
import type { LintedFile } from './report.ts';

/**
 * Of each finding of a file, in their order: 16 hex digits made of its rule and the text of its line, blanks aside, then
 * `:2` for the second of several that are alike.
 */
export function fingerprints({ text, findings }: Pick<LintedFile, 'text' | 'findings'>): string[] {
  const lines = findings.length === 0 ? [] : text.split('\n');
  const seen = new Map<string, number>();
  return findings.map(({ rule, range }) => {
    const line = (lines[range.start.line - 1] ?? '').trim().replace(/\s+/g, ' ');
    const hash = createHash('sha256').update(`${rule}\0${line}`).digest('hex').slice(0, 16);
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return count === 1 ? hash : `${hash}:${count}`;
  });
}
