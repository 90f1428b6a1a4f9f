// DL3029: a platform in FROM keeps everybody else from building the file for theirs.
import { fixPlatform } from '../../fixes/platform.ts';
import { at, type LintRule, placeOf } from './walk.ts';

export const dl3029: LintRule = {
  code: 'DL3029',
  name: 'FixedPlatform',
  family: 'hadolint',
  description: 'FROM should not fix its platform',
  severity: 'warning',
  scope: 'instruction',
  overlaps: ['FromPlatformFlagConstDisallowed'],
  *check({ stages, compat }) {
    for (const { from } of stages) {
      const { platform } = from.instruction;
      if (platform === undefined || /BUILDPLATFORM|TARGETPLATFORM/.test(platform)) continue;
      if (!compat && platform.includes('$')) continue;
      const message = `--platform=${platform} holds whoever builds to one platform: leave it to the build`;
      yield { ...at(from, message, placeOf(from, platform)), fix: () => fixPlatform(from, 'suggested') };
    }
  },
};
