// What a rule of the linter is, what it is given and what it finds.
import type { Instruction } from '../dockerfile/instruction.ts';
import type { SourceRange } from '../errors.ts';
import type { Analysis } from './analysis.ts';

export type Severity = 'error' | 'warning' | 'info' | 'style';

export interface Rule {
  /** As people name it in `# check=skip=` and find it in docs/rules. */
  name: string;
  /** One sentence without a full stop: what should hold. */
  description: string;
  severity: Severity;
  /** Off unless `experimental=` names it. */
  experimental?: true;
  /** `file`: about the file as a whole, out of reach for a `# check=` above one instruction. */
  scope: 'file' | 'instruction';
  check(file: Analysis): Iterable<Report>;
}

/** A place where a rule does not hold. */
export interface Report {
  message: string;
  range: SourceRange;
  /** Whose comments may silence it. */
  instruction: Instruction | undefined;
}

/** A report that nobody silenced. */
export interface Finding {
  /** Name of the rule. */
  rule: string;
  message: string;
  range: SourceRange;
  severity: Severity;
}

/** A report at an instruction, or at another place that the instruction makes wrong. */
export function report(instruction: Instruction, message: string, range = instruction.range): Report {
  return { message, range, instruction };
}
