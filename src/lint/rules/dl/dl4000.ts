// DL4000: MAINTAINER sets a field that few tools show; a label says more.
import { fixMaintainer } from '../../fixes/maintainer.ts';
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
      const message = 'MAINTAINER is deprecated: write LABEL org.opencontainers.image.authors="…"';
      yield { ...at(step, message), fix: () => fixMaintainer(step, file.dockerfile.escape) };
    }
  },
};
