// CopyIgnoredFile: COPY and ADD of what the ignore file leaves out of the context.
import { normalize } from 'node:path/posix';
import { createPatternMatcher } from '../../dockerfile/ignore.ts';
import { type Rule, report } from '../rule.ts';

const everything = ['*', '**', '**/*'];
const remote = /^(https?|ftp|git|ssh):\/\/|^git@/;

export const copyIgnoredFile: Rule = {
  code: 'CopyIgnoredFile',
  name: 'CopyIgnoredFile',
  family: 'buildkit',
  description: 'COPY and ADD should not name what .dockerignore leaves out',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps, input }) {
    const patterns = input.ignorePatterns ?? [];
    // With exceptions something below an ignored folder may still be there.
    if (patterns.length === 0 || patterns.some((pattern) => pattern.startsWith('!'))) return;
    const matcher = createPatternMatcher(patterns);
    const ignores = (source: string): boolean => {
      const path = normalize(`/${source}`).replace(/^\/|\/$/g, '');
      return path === '' ? patterns.some((pattern) => everything.includes(pattern)) : matcher.ignores(path);
    };
    for (const { instruction, words } of steps) {
      if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') continue;
      if (instruction.from !== undefined) continue;
      const verb = instruction.keyword === 'COPY' ? 'Copy' : 'Add';
      for (const source of words) {
        if (remote.test(source) || !ignores(source)) continue;
        const file = JSON.stringify(source);
        yield report(instruction, `Attempting to ${verb} file ${file} that is excluded by .dockerignore`);
      }
    }
  },
};
