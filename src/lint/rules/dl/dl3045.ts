// DL3045: without a WORKDIR a relative destination lies wherever the base image says.

import { baseConfig } from '../../fixes/base-config.ts';
import { fixRelativePath } from '../../fixes/folder.ts';
import type { LintStage } from '../../lint-file.ts';
import { at, isOneOf, type LintRule, lineage, placeOf, unquote } from './walk.ts';

const anchored = /^(?:\/|[A-Za-z]:|\$)/;

export const dl3045: LintRule = {
  code: 'DL3045',
  name: 'RelativeCopyTarget',
  family: 'hadolint',
  description: 'COPY should have an absolute destination, or a WORKDIR above it',
  severity: 'warning',
  scope: 'instruction',
  on: ['COPY'],
  *check(file) {
    const moved = new Set<LintStage | undefined>();
    for (const step of file.steps) {
      if (isOneOf(step, ['WORKDIR'])) moved.add(step.stage);
      if (!isOneOf(step, ['COPY']) || step.instruction.keyword !== 'COPY') continue;
      const { destination } = step.instruction;
      if (anchored.test(unquote(destination)) || [...lineage(step.stage)].some((one) => moved.has(one)))
        continue;
      // In / a relative path is one that nobody thought about.
      const { WorkingDir: folder = '' } = baseConfig(file, step.stage) ?? {};
      if (folder !== '' && folder !== '/') continue;
      const message = `Nothing says what ${destination} is relative to: set a WORKDIR above, or begin with /`;
      const fix = () => fixRelativePath(step, destination, file);
      yield { ...at(step, message, placeOf(step, destination)), fix };
    }
  },
};
