// GitHub's workflow commands: each finding becomes an annotation of a pull request's lines.
import type { Severity } from '../rule.ts';
import { type LintedFile, type ReportOptions, rowsOf } from './report.ts';

const levels: Record<Severity, string> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
  style: 'notice',
};

export function github(files: readonly LintedFile[], { harmless }: ReportOptions): string {
  return [...rowsOf(files)]
    .map(({ name, finding: { rule, severity, message, range } }) => {
      const { start, end } = range;
      const properties = [
        `file=${harmless(escapeProperty(name))}`,
        `line=${start.line}`,
        `endLine=${end.line}`,
        // Columns are for ranges in one line only.
        ...(start.line === end.line ? [`col=${start.column}`, `endColumn=${end.column}`] : []),
        `title=${escapeProperty(rule)}`,
      ];
      return `::${levels[severity]} ${properties.join(',')}::${harmless(escapeData(message))}\n`;
    })
    .join('');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
