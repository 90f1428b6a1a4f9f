// DL3065: the target platform is what FROM takes anyway.
import { fixPlatform } from '../../fixes/platform.ts';
import { at, type LintRule, placeOf } from './walk.ts';

export const dl3065: LintRule = {
  code: 'DL3065',
  name: 'NeedlessPlatform',
  family: 'hadolint',
  description: 'FROM needs no --platform=$TARGETPLATFORM',
  severity: 'warning',
  scope: 'instruction',
  overlaps: ['RedundantTargetPlatform'],
  *check({ stages }) {
    for (const { from } of stages) {
      const { platform } = from.instruction;
      if (platform === undefined || !/^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform)) continue;
      const range = placeOf(from, `--platform=${platform}`);
      const message = `--platform=${platform} is what FROM takes without it: leave it away`;
      yield { ...at(from, message, range), fix: () => fixPlatform(from, 'safe') };
    }
  },
};
