// MultipleInstructionsDisallowed: of several CMD, ENTRYPOINT or HEALTHCHECK in a stage only the last counts.
import type { Instruction } from '../../dockerfile/instruction.ts';
import { type Rule, report } from '../rule.ts';

const single = ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'];

export const multipleInstructionsDisallowed: Rule = {
  code: 'MultipleInstructionsDisallowed',
  name: 'MultipleInstructionsDisallowed',
  family: 'buildkit',
  description: 'CMD, ENTRYPOINT and HEALTHCHECK should each stand once in a stage',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    const earlier = new Map<string, Instruction>();
    for (const { stage, instruction } of steps) {
      if (!single.includes(instruction.keyword)) continue;
      const key = `${stage.index} ${instruction.keyword}`;
      const before = earlier.get(key);
      earlier.set(key, instruction);
      if (before === undefined) continue;
      const message = `Multiple ${instruction.written} instructions should not be used in the same stage because only the last one will be used`;
      // The place is that of the one without effect.
      yield report(instruction, message, before.range);
    }
  },
};
