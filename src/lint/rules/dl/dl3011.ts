// DL3011: ports end at 65535.
import { at, type LintRule, placeOf, stepsOf } from './walk.ts';

export const dl3011: LintRule = {
  code: 'DL3011',
  name: 'PortRange',
  family: 'hadolint',
  description: 'EXPOSE should name ports from 0 to 65535',
  severity: 'error',
  scope: 'instruction',
  on: ['EXPOSE'],
  *check(file) {
    for (const step of stepsOf(file, ['EXPOSE'])) {
      for (const word of step.instruction.words) {
        const port = /^(\d+)(?:-(\d+))?(?:\/\w+)?$/.exec(word);
        if (port === null || Math.max(Number(port[1]), Number(port[2] ?? 0)) <= 65535) continue;
        yield at(step, `There is no port ${word}: the highest one is 65535`, placeOf(step, word));
      }
    }
  },
};
