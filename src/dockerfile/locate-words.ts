// Where the words and variables of an instruction stand, for linters and editors, by dockerfile-ast. A build has no need
// of it and does not load it.
import { type Instruction as AstInstruction, DockerfileParser, ModifiableInstruction } from 'dockerfile-ast';
import type { SourceRange } from '../errors.ts';
import type { Dockerfile, Instruction } from './instruction.ts';
import { createSource } from './source.ts';

export interface LocatedWord {
  /** As written, continuations joined; quotes stay. */
  text: string;
  range: SourceRange;
}

export interface LocatedVariable {
  name: string;
  /** The sign behind the name in `${x-y}`, or behind the colon; undefined for `$x` and `${x}`. */
  modifier: string | undefined;
  /** From the dollar to the end. */
  range: SourceRange;
}

export interface LocatedWords {
  keyword: SourceRange;
  flags: LocatedWord[];
  arguments: LocatedWord[];
  variables: LocatedVariable[];
}

type AstRange = ReturnType<AstInstruction['getInstructionRange']>;

/** Locates the parts of one instruction of a parsed file. The bodies of heredocs are left out. */
export function locateWords(dockerfile: Dockerfile, instruction: Instruction): LocatedWords {
  // One instruction at a time, cut by our own rules: heredocs and doubled escapes can't lead dockerfile-ast astray.
  const directive = dockerfile.escape === '`' ? '# escape=`\n' : '';
  const [parsed] = DockerfileParser.parse(directive + ownText(dockerfile, instruction)).getInstructions();
  if (parsed === undefined) return { keyword: instruction.range, flags: [], arguments: [], variables: [] };
  const first = directive === '' ? 0 : 1;
  const { start } = instruction.range;
  const toPosition = ({ line, character }: AstRange['start']) => ({
    line: start.line + line - first,
    column: character + (line === first ? start.column : 1),
  });
  const toRange = (range: AstRange) => ({ start: toPosition(range.start), end: toPosition(range.end) });
  const flags = parsed instanceof ModifiableInstruction ? parsed.getFlags() : [];
  return {
    keyword: toRange(parsed.getInstructionRange()),
    flags: flags.map((flag) => ({ text: flag.toString(), range: toRange(flag.getRange()) })),
    arguments: parsed
      .getArguments()
      .map((word) => ({ text: word.getValue(), range: toRange(word.getRange()) })),
    variables: parsed.getVariables().map((variable) => ({
      name: variable.getName(),
      modifier: variable.getModifier() || undefined,
      range: toRange(variable.getRange()),
    })),
  };
}

/** The text of an instruction up to its heredocs. */
function ownText(dockerfile: Dockerfile, instruction: Instruction): string {
  const { lines } = createSource(dockerfile.text, dockerfile.file);
  const { start, end } = instruction.range;
  const [heredoc] = 'heredocs' in instruction ? instruction.heredocs : [];
  const last = lines[(heredoc === undefined ? end.line : heredoc.range.start.line - 1) - 1];
  const offset = (start.line === 1 ? 0 : lines[start.line - 1]!.start) + start.column - 1;
  return dockerfile.text.slice(offset, last!.end);
}
