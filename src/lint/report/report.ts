// What a report of the linter is made from.
import type { Finding, LintSettings, RuleSummary } from '../open-linter.ts';

/** The formats of hadolint, and GitHub's annotations. Those of BuildKit are made where its checks are printed. */
export const reportFormats = [
  'tty',
  'json',
  'checkstyle',
  'codeclimate',
  'gitlab_codeclimate',
  'gnu',
  'codacy',
  'sonarqube',
  'sarif',
  'junit',
  'github',
] as const;

export type ReportFormat = (typeof reportFormats)[number];

export interface LintedFile {
  /** As the user names it. */
  name: string;
  text: string;
  findings: readonly Finding[];
}

export interface ReportOptions {
  compat: LintSettings['compat'];
  color: boolean;
  /** Of this program. */
  version: string;
  rules: readonly RuleSummary[];
  /** The page of a rule, in Markdown. */
  page(code: string): string | undefined;
  /** Takes out of a text what a terminal would act upon. */
  harmless(text: string): string;
}

/** Findings with the names of their files, as one list. */
export function* rowsOf(files: readonly LintedFile[]): Generator<{ name: string; finding: Finding }> {
  for (const { name, findings } of files) for (const finding of findings) yield { name, finding };
}

/** JSON with the keys of objects in the order of the alphabet, as hadolint's are. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
