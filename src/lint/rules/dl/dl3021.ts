// DL3021: several files need a folder to go to.
import { at, type LintRule, placeOf, stepsOf, unquote } from './walk.ts';

export const dl3021: LintRule = {
  code: 'DL3021',
  name: 'CopyToFolder',
  family: 'hadolint',
  description: 'COPY of several sources should have a destination that ends in /',
  severity: 'error',
  scope: 'instruction',
  on: ['COPY'],
  *check(file) {
    for (const step of stepsOf(file, ['COPY'])) {
      const { keyword, sources, heredocs, destination } = step.instruction;
      if (keyword !== 'COPY' || sources.length + heredocs.length < 2) continue;
      const target = unquote(destination);
      if (target.endsWith('/') || (!file.compat && (target.startsWith('$') || /^\.{1,2}$/.test(target))))
        continue;
      const message = `Several sources go to ${destination}, which has to be a folder: end it with /`;
      yield at(step, message, placeOf(step, destination));
    }
  },
};
