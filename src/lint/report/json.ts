// An array with the fields of hadolint's JSON.
import { type LintedFile, type ReportOptions, rowsOf, sortedJson } from './report.ts';

export function json(files: readonly LintedFile[], { compat }: ReportOptions): string {
  const list = [...rowsOf(files)].map(({ name, finding }) => {
    const { rule, severity, message, range } = finding;
    const { line, column } = range.start;
    const { line: endLine, column: endColumn } = range.end;
    return {
      file: name,
      line,
      column,
      ...(compat === 'hadolint' ? {} : { endLine, endColumn }),
      level: severity,
      code: rule,
      message,
    };
  });
  return `${sortedJson(list)}\n`;
}
