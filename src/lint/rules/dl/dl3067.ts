// DL3067: the whole of another image over this one.
import { at, type LintRule, stepsOf, unquote } from './walk.ts';

export const dl3067: LintRule = {
  code: 'DL3067',
  name: 'CopyWholeImage',
  family: 'hadolint',
  description: 'COPY --from should not copy / to /',
  severity: 'warning',
  scope: 'instruction',
  on: ['COPY'],
  *check(file) {
    for (const step of stepsOf(file, ['COPY'])) {
      const { from, sources, destination } = step.instruction;
      if (from === undefined || unquote(destination) !== '/' || !sources.map(unquote).includes('/')) continue;
      // Onto nothing it is how an image is squashed.
      if (!file.compat && step.stage?.from.instruction.image === 'scratch') continue;
      yield at(step, `All files of ${from} go over those of this image: copy what is needed`);
    }
  },
};
