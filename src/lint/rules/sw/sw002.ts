// SW002: without an ignore file all that lies in the context is copied: .git, node_modules, keys.
import { at, type LintRule } from '../dl/walk.ts';
import { copiesAll, isContextCopy } from './copied.ts';

export const sw002: LintRule = {
  code: 'SW002',
  name: 'NoIgnoreFile',
  family: 'slipway',
  description: 'A context that is copied as a whole should have a .dockerignore',
  severity: 'info',
  scope: 'instruction',
  on: ['COPY', 'ADD'],
  *check({ steps, settings: { ignorePatterns } }) {
    // Undefined: nobody knows what there is.
    if (ignorePatterns === undefined || ignorePatterns.length > 0) return;
    for (const step of steps) {
      if (!isContextCopy(step) || !copiesAll(step)) continue;
      yield at(
        step,
        'This copies all of the context, .git and what else lies there: write a .dockerignore that leaves it out',
      );
      return;
    }
  },
};
