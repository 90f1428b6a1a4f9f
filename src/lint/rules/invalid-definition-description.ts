// InvalidDefinitionDescription: a comment right above a named stage or an ARG is shown as its description.
import type { Instruction } from '../../dockerfile/instruction.ts';
import { type Rule, report } from '../rule.ts';

/** The names that an instruction defines. */
function definedNames(instruction: Instruction): string[] {
  if (instruction.keyword === 'ARG') return instruction.args.map(({ name }) => name);
  if (instruction.keyword === 'FROM' && instruction.name !== undefined) return [instruction.name];
  return [];
}

export const invalidDefinitionDescription: Rule = {
  code: 'InvalidDefinitionDescription',
  name: 'InvalidDefinitionDescription',
  family: 'buildkit',
  description:
    'A comment right above a stage or an ARG should begin with its name, as `# name what it is for`',
  severity: 'warning',
  experimental: true,
  scope: 'instruction',
  *check({ dockerfile }) {
    const lines = dockerfile.text.split('\n');
    for (const instruction of dockerfile.instructions) {
      const names = definedNames(instruction);
      const comment = instruction.comments.at(-1);
      if (names.length === 0 || comment === undefined) continue;
      // An empty line between them says that the comment is about something else.
      const above = lines[instruction.range.start.line - 2] ?? '';
      if (!above.trimStart().startsWith('#') || names.includes(comment.split(' ', 1)[0]!)) continue;
      const example = names.length > 1 ? '<arg_key>' : names[0];
      yield report(
        instruction,
        `Comment for ${instruction.keyword} should follow the format: \`# ${example} <description>\``,
      );
    }
  },
};
