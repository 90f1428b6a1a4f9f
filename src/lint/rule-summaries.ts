// All rules of the linter as data, sorted by code.
import type { RuleSummary } from './open-linter.ts';
import type { Rule } from './rule.ts';
import { dlRules } from './rules/dl/index.ts';
import { buildChecks } from './rules/index.ts';
import { scRules } from './rules/sc/index.ts';
import { swRules } from './rules/sw/index.ts';

type Facts = Omit<Rule, 'check'>;

/** What can't be parsed is reported under this code, by no rule. */
const syntax: Facts = {
  code: 'DL1000',
  name: 'SyntaxError',
  family: 'hadolint',
  description: 'The file should be a Dockerfile that a build can read',
  severity: 'error',
  scope: 'instruction',
};

export const ruleSummaries: readonly RuleSummary[] = [
  syntax,
  ...dlRules,
  ...scRules,
  ...swRules,
  ...buildChecks,
]
  .map(({ code, name, family, severity, off, experimental, description, overlaps }: Facts) => ({
    ...{ code, name, family, severity, description },
    off: off === true || experimental === true,
    experimental: experimental === true,
    overlaps: overlaps ?? [],
  }))
  .sort((a, b) => (a.code < b.code ? -1 : 1));
