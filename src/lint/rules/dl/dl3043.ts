// DL3043: ONBUILD can't trigger itself, FROM or MAINTAINER.
import { at, type LintRule, stepsOf } from './walk.ts';

export const dl3043: LintRule = {
  code: 'DL3043',
  name: 'OnbuildContent',
  family: 'hadolint',
  description: 'ONBUILD should not trigger ONBUILD, FROM or MAINTAINER',
  severity: 'error',
  scope: 'instruction',
  on: ['ONBUILD'],
  *check(file) {
    for (const step of stepsOf(file, ['ONBUILD'])) {
      const keyword = /^\s*(ONBUILD|FROM|MAINTAINER)\b/i.exec(step.instruction.trigger)?.[1]?.toUpperCase();
      if (keyword !== undefined) yield at(step, `A build refuses ${keyword} behind ONBUILD`);
    }
  },
};
