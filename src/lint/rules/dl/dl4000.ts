// DL4000: MAINTAINER sets a field that few tools show; a label says more.
import { at, type LintRule, stepsOf } from './walk.ts';

export const dl4000: LintRule = {
  code: 'DL4000',
  name: 'Maintainer',
  family: 'hadolint',
  description: 'A label should name the author, not MAINTAINER',
  severity: 'error',
  scope: 'instruction',
  on: ['MAINTAINER'],
  overlaps: ['MaintainerDeprecated'],
  *check(file) {
    for (const step of stepsOf(file, ['MAINTAINER'])) {
      const { written, value, range } = step.instruction;
      const label = written === written.toLowerCase() ? 'label' : 'LABEL';
      const text = `${label} org.opencontainers.image.authors=${JSON.stringify(value.replace(/^"(.*)"$/, '$1'))}`;
      const message = 'MAINTAINER is deprecated: write LABEL org.opencontainers.image.authors="…"';
      // What a quote, an escape or a dollar in it means to a label is not what it means here.
      const isPlain = !/["'\\`$]/.test(value.replace(/^"(.*)"$/, '$1'));
      const edits = [{ range, text }];
      const fix = isPlain ? { safety: 'safe' as const, title: 'Write a label', edits } : undefined;
      yield { ...at(step, message), fix };
    }
  },
};
