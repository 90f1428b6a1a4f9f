// DL3057: without a HEALTHCHECK nobody sees that a service hangs.
import type { LintStage } from '../../lint-file.ts';
import { at, isOneOf, type LintRule, lineage } from './walk.ts';

export const dl3057: LintRule = {
  code: 'DL3057',
  name: 'MissingHealthcheck',
  family: 'hadolint',
  description: 'An image should have a HEALTHCHECK',
  severity: 'info',
  off: true,
  scope: 'instruction',
  *check({ stages }) {
    const has = (stage: LintStage) => stage.steps.some((step) => isOneOf(step, ['HEALTHCHECK']));
    const good = new Set<LintStage>();
    for (const stage of stages) {
      const chain = [...lineage(stage)];
      if (chain.some(has)) for (const one of chain) good.add(one);
    }
    for (const stage of stages) {
      if (!good.has(stage)) yield at(stage.from, 'The image has no HEALTHCHECK');
    }
  },
};
