// The linter's door: loads rules and the shell parser only when somebody lints.
import type { FixedText, FixLevel } from './fix-text.ts';
import type { Family, Finding, Severity } from './rule.ts';
import type { LintSettings } from './settings.ts';
import type { ExternalScript } from './shell/external-scripts.ts';

type LintTools = typeof import('./lint-tools.ts');

export type { Baseline } from './baseline.ts';
export type { LintPlan } from './config/create-plan.ts';
export type { SlipwayLintConfig } from './config/slipway-config.ts';
export type { ConfigWarning, LintSource, Threshold } from './config/source.ts';
export type { Edit, Fix } from './fix.ts';
export type { LintedFile, ReportFormat, ReportOptions } from './report/report.ts';
export type { Family, Finding, Severity } from './rule.ts';
export type { LabelType, LintSettings } from './settings.ts';
export type { ExternalScript, ShellcheckComment } from './shell/external-scripts.ts';

/** What is known of a rule without running it. */
export interface RuleSummary {
  code: string;
  name: string;
  family: Family;
  severity: Severity;
  /** Off unless settings give it a severity, or a file asks for it. */
  off: boolean;
  /** Off for being new; `experimental` in a config turns such rules on. */
  experimental: boolean;
  description: string;
  /** Codes of rules that say the same. */
  overlaps: readonly string[];
}

export type { FixedText, FixLevel } from './fix-text.ts';

export interface Linter {
  /** What is found in a text, in its order. @param file its name in messages */
  lint(text: string, file: string, settings?: LintSettings): Finding[];
  /** Mends a text until nothing is left that can be mended at a level. */
  fix(
    text: string,
    file: string,
    options: { level: FixLevel; settings?: LintSettings | undefined },
  ): FixedText;
  /** The shell code of a text as ShellCheck, the program, reads it, for what no rule here looks for. */
  scripts(text: string, file: string, settings?: LintSettings): ExternalScript[];
  rules: readonly RuleSummary[];
}

/** Configs, baselines and reports: what a program around the linter needs. */
export function openLintTools(): Promise<LintTools> {
  return import('./lint-tools.ts');
}

export async function openLinter(): Promise<Linter> {
  const [{ lintText }, { fixText }, { scriptsIn }, { ruleSummaries }] = await Promise.all([
    import('./lint-text.ts'),
    import('./fix-text.ts'),
    import('./scripts-in.ts'),
    import('./rule-summaries.ts'),
  ]);
  return { lint: lintText, fix: fixText, scripts: scriptsIn, rules: ruleSummaries };
}
