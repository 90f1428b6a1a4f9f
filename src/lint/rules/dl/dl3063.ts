// DL3063: `scratch` and `context` mean something else where a stage is named.
import { at, type LintRule, placeOf } from './walk.ts';

export const dl3063: LintRule = {
  code: 'DL3063',
  name: 'ReservedAlias',
  family: 'hadolint',
  description: 'Stages should not be called scratch or context',
  severity: 'warning',
  scope: 'instruction',
  overlaps: ['ReservedStageName'],
  *check({ stages, compat }) {
    for (const { alias, from } of stages) {
      const name = compat ? alias : alias?.toLowerCase();
      if (alias === undefined || (name !== 'scratch' && name !== 'context')) continue;
      yield at(
        from,
        `${alias} means something else to a build: give the stage another name`,
        placeOf(from, alias),
      );
    }
  },
};
