// SW012: a secret that stands in the file itself.
import { at, type LintRule } from '../dl/walk.ts';

const secrets: readonly (readonly [what: string, form: RegExp])[] = [
  ['a key of AWS', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a token of GitHub', /\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b/],
  ['a token of GitLab', /\bglpat-[A-Za-z0-9_-]{20,}\b/],
  ['a token of npm', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a token of Slack', /\bxox[abprs]-[A-Za-z0-9-]{10,}/],
  ['a key of Google', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['a key of Stripe', /\bsk_live_[0-9A-Za-z]{20,}\b/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ['a password in a URL', /\b[a-z][a-z0-9+]*:\/\/[^\s/:@$"'{}]+:[^\s/:@$"'{}]{3,}@[\w.-]+/],
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
    const present = secrets.filter(([, form]) => form.test(dockerfile.text));
    if (present.length === 0) return;
    for (const step of steps) {
      const { start, end } = step.instruction.range;
      for (let line = start.line; line <= end.line; line++) {
        for (const [what, form] of present) {
          const found = form.exec(lines[line - 1] ?? '');
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
