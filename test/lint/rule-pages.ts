// The pages of rules: their examples, and the settings that some of them need.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LintSettings } from '../../src/lint/settings.ts';

export const rulesFolder = resolve(import.meta.dirname, '../../docs/rules');

export interface RulePage {
  text: string;
  bad: string;
  good: string;
  /** What is printed of the bad example. */
  output: string;
}

const block = (text: string, heading: string) =>
  new RegExp(`^## ${heading}\\n\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\`\\n`, 'm').exec(text)?.[1];

export function readRulePage(code: string): RulePage {
  const text = readFileSync(join(rulesFolder, `${code}.md`), 'utf8');
  const [output, bad, good] = ['Output', 'Bad', 'Good'].map((heading) => block(text, heading));
  if (output === undefined || bad === undefined || good === undefined)
    throw new Error(`${code}.md lacks a part`);
  return { text, bad, good, output };
}

const schema = (labelSchema: NonNullable<LintSettings['labelSchema']>): LintSettings => ({ labelSchema });

/** What the flags on a page come to. */
export const pageSettings: Readonly<Record<string, LintSettings>> = {
  DL1001: { severities: { DL1001: 'info' } },
  DL3026: { trustedRegistries: ['registry.example.com'] },
  DL3049: schema({ team: 'text' }),
  DL3050: { ...schema({ team: 'text' }), strictLabels: true },
  DL3051: schema({ team: 'text' }),
  DL3052: schema({ home: 'url' }),
  DL3053: schema({ created: 'rfc3339' }),
  DL3054: schema({ licence: 'spdx' }),
  DL3055: schema({ revision: 'hash' }),
  DL3056: schema({ version: 'semver' }),
  DL3057: { severities: { DL3057: 'info' } },
  DL3058: schema({ contact: 'email' }),
  SW002: { ignorePatterns: [] },
  SW013: {
    history: {
      find: (name) => ({
        seconds: name === 'RUN npm ci' ? 41 : 0.2,
        files: () => (name === 'COPY . .' ? 312 : 2),
      }),
    },
  },
};
