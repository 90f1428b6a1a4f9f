// LegacyKeyValueFormat: `ENV name value` takes the whole rest of the line as one value.
import { type Rule, report } from '../rule.ts';

export const legacyKeyValueFormat: Rule = {
  code: 'LegacyKeyValueFormat',
  name: 'LegacyKeyValueFormat',
  family: 'buildkit',
  description: 'Names and values should be joined by an equals sign, not by a blank',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    for (const { instruction } of steps) {
      if (instruction.keyword !== 'ENV' && instruction.keyword !== 'LABEL') continue;
      const { written } = instruction;
      if (!instruction.legacy) continue;
      yield report(
        instruction,
        `"${written} key=value" should be used instead of legacy "${written} key value" format`,
      );
    }
  },
};
