// FromPlatformFlagConstDisallowed: a stage of one fixed platform can't be built for another.
import { parsePlatform } from '../../oci/platform.ts';
import { type Rule, report } from '../rule.ts';
import { tolerate } from '../tracked-expansion.ts';

export const fromPlatformFlagConstDisallowed: Rule = {
  code: 'FromPlatformFlagConstDisallowed',
  name: 'FromPlatformFlagConstDisallowed',
  family: 'buildkit',
  description: 'The --platform of FROM should be a variable, or the stage be named for its platform',
  severity: 'warning',
  scope: 'instruction',
  *check({ stages, bases, input }) {
    for (const stage of stages) {
      const { platformText: text, platformVariables } = bases.get(stage)!;
      if (text === undefined || platformVariables.set.size + platformVariables.unset.size > 0) continue;
      const platform = tolerate(() => parsePlatform(text, input.buildPlatform), undefined);
      const name = stage.name ?? '';
      if (platform === undefined || name.includes(platform.os) || name.includes(platform.architecture))
        continue;
      yield report(stage.from, `FROM --platform flag should not use constant value ${JSON.stringify(text)}`);
    }
  },
};
