// SonarQube's generic issues. Its columns count from 0.
import type { Severity } from '../rule.ts';
import { type LintedFile, type ReportOptions, rowsOf, sortedJson } from './report.ts';

const severities: Record<Severity, string> = {
  error: 'CRITICAL',
  warning: 'MAJOR',
  info: 'MINOR',
  style: 'INFO',
};

export function sonarqube(files: readonly LintedFile[], { compat }: ReportOptions): string {
  const isCompat = compat === 'hadolint';
  const issues = [...rowsOf(files)].map(({ name, finding: { rule, severity, message, range } }) => {
    const { start, end } = range;
    const isSyntax = rule === 'DL1000';
    // A range must not be empty, or the import fails.
    const isEmpty = start.line === end.line && start.column === end.column;
    const textRange = {
      startLine: start.line,
      endLine: isCompat ? start.line : end.line,
      startColumn: start.column - (isCompat && isSyntax ? 0 : 1),
      endColumn: isCompat && isSyntax ? start.column : isEmpty ? end.column : end.column - 1,
    };
    return {
      engineId: isCompat ? 'Hadolint' : 'slipway',
      ruleId: rule,
      severity: isSyntax ? 'BLOCKER' : severities[severity],
      type: severity === 'error' ? 'BUG' : 'CODE_SMELL',
      primaryLocation: { message, filePath: name, textRange },
    };
  });
  return `${sortedJson({ issues })}\n`;
}
