// SW009: what a URL gives today it may not give tomorrow.
import { at, type LintRule, placeOf, stepsOf, unquote } from '../dl/walk.ts';

export const sw009: LintRule = {
  code: 'SW009',
  name: 'NoChecksum',
  family: 'slipway',
  description: 'ADD of a URL should have --checksum',
  severity: 'info',
  scope: 'instruction',
  on: ['ADD'],
  *check(file) {
    for (const step of stepsOf(file, ['ADD'])) {
      const { keyword, sources, checksum } = step.instruction;
      if (keyword !== 'ADD' || checksum !== undefined) continue;
      const source = sources.find((one) => /^https?:\/\/(?!.*\.git(?:[#?]|$))/i.test(unquote(one)));
      if (source === undefined) continue;
      const message = `Nobody notices when ${unquote(source)} changes: add --checksum=sha256:…`;
      yield at(step, message, placeOf(step, source));
    }
  },
};
