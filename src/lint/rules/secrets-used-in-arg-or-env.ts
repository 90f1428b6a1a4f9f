// SecretsUsedInArgOrEnv: values of ARG and ENV stay readable in the image and its history.
import { type Rule, report } from '../rule.ts';

const words = (list: string): RegExp => new RegExp(`(?:_|^)(?:${list})(?:_|$)`, 'i');
const secret = words('apikey|auth|credential|credentials|key|password|pword|passwd|secret|token');
const harmless = words('public|file|version');

export const secretsUsedInArgOrEnv: Rule = {
  code: 'SecretsUsedInArgOrEnv',
  name: 'SecretsUsedInArgOrEnv',
  family: 'buildkit',
  description: 'ARG and ENV should hold no secrets',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    for (const { instruction, words: resolved } of steps) {
      const names =
        instruction.keyword === 'ARG'
          ? instruction.args.map(({ name }) => name)
          : instruction.keyword === 'ENV'
            ? resolved.filter((_, index) => index % 2 === 0)
            : [];
      for (const name of names) {
        if (!secret.test(name) || harmless.test(name)) continue;
        const what = `${instruction.keyword} ${JSON.stringify(name)}`;
        yield report(instruction, `Do not use ARG or ENV instructions for sensitive data (${what})`);
      }
    }
  },
};
