// Findings as the text of a report.
import { checkstyle } from './checkstyle.ts';
import { codacy, codeclimate, gitlabCodeclimate } from './codeclimate.ts';
import { github } from './github.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { gnu, tty } from './lines.ts';
import type { LintedFile, ReportFormat, ReportOptions } from './report.ts';
import { sarif } from './sarif.ts';
import { sonarqube } from './sonarqube.ts';

export { fingerprints } from './fingerprint.ts';
export { type LintedFile, type ReportFormat, type ReportOptions, reportFormats } from './report.ts';

const formats: Record<ReportFormat, (files: readonly LintedFile[], options: ReportOptions) => string> = {
  tty,
  json,
  checkstyle,
  codeclimate,
  gitlab_codeclimate: gitlabCodeclimate,
  gnu,
  codacy,
  sonarqube,
  sarif,
  junit,
  github,
};

export function formatReport(
  format: ReportFormat,
  files: readonly LintedFile[],
  options: ReportOptions,
): string {
  return formats[format](files, options);
}
