// FromAsCasing: FROM and AS of one line should be written alike.
import { splitBlanks } from '../../dockerfile/words.ts';
import { type Rule, report } from '../rule.ts';

export const fromAsCasing: Rule = {
  code: 'FromAsCasing',
  name: 'FromAsCasing',
  family: 'buildkit',
  description: "The 'as' keyword should be written in the case of the 'from' keyword",
  severity: 'warning',
  scope: 'instruction',
  *check({ stages }) {
    for (const { from } of stages) {
      if (from.writtenName === undefined) continue;
      const as = splitBlanks(from.text.trim()).at(-2) ?? '';
      const { written } = from;
      const lower = written === written.toLowerCase();
      // A FROM that is mixed in itself is told by ConsistentInstructionCasing.
      if (!lower && written !== written.toUpperCase()) continue;
      if (as !== (lower ? as.toLowerCase() : as.toUpperCase()))
        yield report(from, `'${as}' and '${written}' keywords' casing do not match`);
    }
  },
};
