// What sections came to, as one table, and below it each failure with the command that shows it again.
import type { SectionRun } from './run-section.ts';

const columns = ['section', 'attempts', 'failures', 'seconds'] as const;

function cells(run: Pick<SectionRun, 'name' | 'attempts' | 'failures' | 'missing' | 'seconds'>): string[] {
  const failures = run.missing === undefined ? String(run.failures.length) : `needs ${run.missing}`;
  return [run.name, String(run.attempts), failures, run.seconds.toFixed(1)];
}

export function hardTable(runs: readonly SectionRun[]): string {
  const sum = (of: (run: SectionRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const total = [
    'all',
    String(sum(({ attempts }) => attempts)),
    String(sum(({ failures }) => failures.length)),
    sum(({ seconds }) => seconds).toFixed(1),
  ];
  const rows = [[...columns], ...runs.map(cells), total];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[], what: string): string => {
    const padded = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return `${padded.join('  ')}  ${what}`.trimEnd();
  };
  const whats = ['', ...runs.map(({ what }) => what), ''];
  const lines = rows.map((row, index) => line(row, whats[index]!));
  const failed = runs.flatMap(({ name, failures }) =>
    failures.map(({ what, again }) => `${name}: ${what}\n  again: ${again}`),
  );
  return [...lines, ...failed].join('\n');
}
