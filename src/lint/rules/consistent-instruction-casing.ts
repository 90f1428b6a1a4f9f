// ConsistentInstructionCasing: keywords should all be in upper case, or all in lower case.
import type { Instruction } from '../../dockerfile/instruction.ts';
import { type Rule, report } from '../rule.ts';

export const consistentInstructionCasing: Rule = {
  code: 'ConsistentInstructionCasing',
  name: 'ConsistentInstructionCasing',
  family: 'buildkit',
  description: 'All instructions of a file should be written in the same case, upper or lower',
  severity: 'warning',
  scope: 'file',
  *check({ stages }) {
    const isUpper = ({ written, keyword }: Instruction) => written === keyword;
    if (stages.every(({ from, instructions }) => isUpper(from) && instructions.every(isUpper))) return;
    const all = stages.flatMap(({ from, instructions }) => [from, ...instructions]);
    const lower = all.filter(({ written }) => written === written.toLowerCase()).length;
    const upper = all.filter(({ written }) => written === written.toUpperCase()).length;
    const wanted = lower > upper ? 'lowercase' : 'uppercase';
    for (const instruction of all) {
      const { written } = instruction;
      if (written === (wanted === 'lowercase' ? written.toLowerCase() : written.toUpperCase())) continue;
      yield report(
        instruction,
        `Command '${written}' should match the case of the command majority (${wanted})`,
      );
    }
  },
};
