// Code Climate's issues: one after the other, and as GitLab's report of code quality; Codacy's, which are shorter.
import { createHash } from 'node:crypto';
import type { Finding, Severity } from '../rule.ts';
import { fingerprints } from './fingerprint.ts';
import { type LintedFile, type ReportOptions, rowsOf, sortedJson } from './report.ts';

const severities: Record<Severity, string> = {
  error: 'blocker',
  warning: 'major',
  info: 'info',
  style: 'minor',
};

function issue(path: string, { rule, severity, message, range }: Finding, compat: boolean): object {
  const { start, end } = range;
  const location =
    compat && rule === 'DL1000'
      ? { positions: { begin: start, end: start } }
      : { lines: { begin: start.line, end: compat ? start.line : end.line } };
  return {
    type: 'issue',
    check_name: rule,
    description: message,
    categories: ['Bug Risk'],
    location: { path, ...location },
    severity: severities[severity],
  };
}

/** Each followed by a NUL. */
export function codeclimate(files: readonly LintedFile[], { compat }: ReportOptions): string {
  return [...rowsOf(files)]
    .map(({ name, finding }) => `${sortedJson(issue(name, finding, compat === 'hadolint'))}\0`)
    .join('');
}

/** Fingerprints tell GitLab which findings are new; hadolint's change with the line. */
export function gitlabCodeclimate(files: readonly LintedFile[], { compat }: ReportOptions): string {
  const isCompat = compat === 'hadolint';
  const issues = files.flatMap((file) => {
    const own = isCompat ? [] : fingerprints(file);
    return file.findings.map((finding, index) => {
      const one = issue(file.name, finding, isCompat);
      const content = isCompat ? sortedJson(one) : `${file.name}\0${finding.rule}\0${own[index]}`;
      return { ...one, fingerprint: createHash('sha1').update(content).digest('hex') };
    });
  });
  return `${sortedJson(issues)}\n`;
}

export function codacy(files: readonly LintedFile[]): string {
  return [...rowsOf(files)]
    .map(({ name, finding: { rule, message, range } }) =>
      sortedJson({ filename: name, patternId: rule, message, line: range.start.line }),
    )
    .join('');
}
