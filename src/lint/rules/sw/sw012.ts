// SW012: a secret that stands in the file itself.
import { at, type LintRule } from '../dl/walk.ts';

/** With texts one of which is in each of them: looking for these takes less time. */
const secrets: readonly { what: string; form: RegExp; signs: readonly string[] }[] = [
  { what: 'a key of AWS', form: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, signs: ['AKIA', 'ASIA'] },
  {
    what: 'a token of GitHub',
    form: /\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b/,
    signs: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
  },
  { what: 'a token of GitLab', form: /\bglpat-[A-Za-z0-9_-]{20,}\b/, signs: ['glpat-'] },
  { what: 'a token of npm', form: /\bnpm_[A-Za-z0-9]{36}\b/, signs: ['npm_'] },
  { what: 'a token of Slack', form: /\bxox[abprs]-[A-Za-z0-9-]{10,}/, signs: ['xox'] },
  { what: 'a key of Google', form: /\bAIza[0-9A-Za-z_-]{35}\b/, signs: ['AIza'] },
  { what: 'a key of Stripe', form: /\bsk_live_[0-9A-Za-z]{20,}\b/, signs: ['sk_live_'] },
  { what: 'a private key', form: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, signs: ['PRIVATE KEY'] },
  {
    what: 'a password in a URL',
    form: /\b[a-z][a-z0-9+]*:\/\/[^\s/:@$"'{}]+:[^\s/:@$"'{}]{3,}@[\w.-]+/,
    signs: ['@'],
  },
];

export const sw012: LintRule = {
  code: 'SW012',
  name: 'SecretWritten',
  family: 'slipway',
  description: 'No secret should stand in a Dockerfile',
  severity: 'error',
  scope: 'instruction',
  *check({ dockerfile, steps, lines }) {
    // No form reaches beyond a line: one look at the whole text leaves hardly ever any to look for.
    const { text } = dockerfile;
    const present = secrets.filter(
      ({ form, signs }) => signs.some((sign) => text.includes(sign)) && form.test(text),
    );
    if (present.length === 0) return;
    for (const step of steps) {
      const { start, end } = step.instruction.range;
      for (let line = start.line; line <= end.line; line++) {
        for (const { what, form } of present) {
          const found = form.exec(lines()[line - 1] ?? '');
          if (found === null) continue;
          const message = `This looks like ${what}, and who has the file or the image has it: revoke it, and use RUN --mount=type=secret`;
          const column = found.index + 1;
          yield at(step, message, {
            start: { line, column },
            end: { line, column: column + found[0].length },
          });
        }
      }
    }
  },
};
