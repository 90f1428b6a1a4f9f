// NoEmptyContinuation: an empty line in a continued instruction, told at the instruction's last line.
import { createSource } from '../../dockerfile/source.ts';
import { type Rule, report } from '../rule.ts';

export const noEmptyContinuation: Rule = {
  code: 'NoEmptyContinuation',
  name: 'NoEmptyContinuation',
  family: 'buildkit',
  description: 'Empty lines in a continued instruction will become errors',
  severity: 'warning',
  scope: 'file',
  *check({ dockerfile }) {
    if (dockerfile.warnings.length === 0) return;
    const { lines, range } = createSource(dockerfile.text, dockerfile.file);
    const { instructions } = dockerfile;
    let at = 0;
    for (const warning of dockerfile.warnings) {
      const empty = warning.range.start.line;
      while (at + 1 < instructions.length && instructions[at]!.range.end.line < empty) at++;
      const instruction = instructions[at]!;
      // Of an instruction that no build takes: it is told of as such.
      if (instruction.range.start.line > empty) continue;
      // The bodies of heredocs are behind the last line that is continued.
      const [heredoc] = 'heredocs' in instruction ? instruction.heredocs : [];
      const last = heredoc === undefined ? instruction.range.end.line : heredoc.range.start.line - 1;
      // An empty line behind the last is one that nothing but the end of the file follows.
      const line = lines[empty > last ? lines.length - 1 : last - 1]!;
      yield report(instruction, 'Empty continuation line', range(line.start, line.end));
    }
  },
};
