// The linter's door: loads rules and the shell parser only when somebody lints.
import type { Family, Finding, Severity } from './rule.ts';
import type { LintSettings } from './settings.ts';

export type { Edit, Fix } from './fix.ts';
export type { Family, Finding, Severity } from './rule.ts';
export type { LabelType, LintSettings } from './settings.ts';

/** What is known of a rule without running it. */
export interface RuleSummary {
  code: string;
  name: string;
  family: Family;
  severity: Severity;
  /** Off unless settings give it a severity, or a file asks for it. */
  off: boolean;
  description: string;
  /** Codes of rules that say the same. */
  overlaps: readonly string[];
}

export interface Linter {
  /** What is found in a text, in its order. @param file its name in messages */
  lint(text: string, file: string, settings?: LintSettings): Finding[];
  rules: readonly RuleSummary[];
}

export async function openLinter(): Promise<Linter> {
  const [{ lintText }, { ruleSummaries }] = await Promise.all([
    import('./lint-text.ts'),
    import('./rule-summaries.ts'),
  ]);
  return { lint: lintText, rules: ruleSummaries };
}
