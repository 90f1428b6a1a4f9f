// RedundantTargetPlatform: the target platform is what FROM takes anyway.
import { type Rule, report } from '../rule.ts';

export const redundantTargetPlatform: Rule = {
  code: 'RedundantTargetPlatform',
  name: 'RedundantTargetPlatform',
  family: 'buildkit',
  description: 'FROM needs no --platform=$TARGETPLATFORM, which is its default',
  severity: 'warning',
  scope: 'instruction',
  *check({ stages, bases, globalEnv }) {
    for (const stage of stages) {
      const { platformText, platformVariables } = bases.get(stage)!;
      const { set, unset } = platformVariables;
      if (set.size !== 1 || unset.size > 0 || !set.has('TARGETPLATFORM')) continue;
      if (platformText !== globalEnv.get('TARGETPLATFORM')) continue;
      yield report(
        stage.from,
        `Setting platform to predefined ${stage.from.platform} in FROM is redundant as this is the default behavior`,
      );
    }
  },
};
