// DL3024: of two stages with one name only the later one can be meant.
import { at, type LintRule, placeOf } from './walk.ts';

export const dl3024: LintRule = {
  code: 'DL3024',
  name: 'StageNameTwice',
  family: 'hadolint',
  description: 'Each stage should have a name of its own',
  severity: 'error',
  scope: 'instruction',
  overlaps: ['DuplicateStageName'],
  *check({ stages, compat }) {
    const seen = new Map<string, number>();
    for (const { alias, from } of stages) {
      if (alias === undefined) continue;
      const key = compat ? alias : alias.toLowerCase();
      const first = seen.get(key);
      const message = `The stage in line ${first} has the name ${alias}, too`;
      if (first !== undefined) yield at(from, message, placeOf(from, alias));
      else seen.set(key, from.instruction.range.start.line);
    }
  },
};
