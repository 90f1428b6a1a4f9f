// An array with the fields of hadolint's JSON.
import { type LintedFile, type ReportOptions, rowsOf } from './report.ts';

export function json(files: readonly LintedFile[], { compat }: ReportOptions): string {
  // In the order of the alphabet, as hadolint's fields are.
  const list = [...rowsOf(files)].map(({ name, finding }) => {
    const { rule, severity, message, range } = finding;
    const { line, column } = range.start;
    const { line: endLine, column: endColumn } = range.end;
    return compat === 'hadolint'
      ? { code: rule, column, file: name, level: severity, line, message }
      : { code: rule, column, endColumn, endLine, file: name, level: severity, line, message };
  });
  return `${JSON.stringify(list)}\n`;
}
