// What a rule of the linter is, what it is given and what it finds.
import type { Instruction } from '../dockerfile/instruction.ts';
import type { SourceRange } from '../errors.ts';
import type { Analysis } from './analysis.ts';
import type { Fix } from './fix.ts';

export type Severity = 'error' | 'warning' | 'info' | 'style';

/** Whose rule it is: the two linters that others know, ShellCheck's of shell code, and our own. */
export type Family = 'hadolint' | 'buildkit' | 'shellcheck' | 'slipway';

/** @typeParam Subject what its check looks at: a file as a build reads it, or as the linter does (LintFile). */
export interface Rule<Subject = Analysis> {
  /** What findings, pragmas and configs call it: `DL3008`, `StageNameCasing`. */
  code: string;
  /** In words, in the manner of BuildKit's names; for BuildKit's the same as the code. Unique, too. */
  name: string;
  family: Family;
  /** One sentence without a full stop: what should hold. */
  description: string;
  severity: Severity;
  /** Off unless a config gives it a severity. */
  off?: true;
  /** Off unless `experimental=` names it. */
  experimental?: true;
  /** `file`: about the file as a whole, out of reach for a `# check=` above one instruction. */
  scope: 'file' | 'instruction';
  /** Codes of rules that say the same of the same instruction: one of them is reported. */
  overlaps?: readonly string[];
  /**
   * Keywords and commands, or how their names begin (`pip*`), and codes of rules of shell code; a file with none of them can't break the rule, which is then
   * not asked.
   */
  on?: readonly string[];
  check(file: Subject): Iterable<Report>;
}

/** A place where a rule does not hold. */
export interface Report {
  message: string;
  range: SourceRange;
  /** Whose comments may silence it, and on whose first line other linters report it. */
  instruction: Instruction | undefined;
  /** How to mend it, where that is known; a function is asked only where fixes are wanted. */
  fix?: Fix | (() => Fix | undefined) | undefined;
  /** In the place of the rule's own, which settings go over. */
  severity?: Severity | undefined;
}

/** A report that nobody silenced. */
export interface Finding {
  /** Code of the rule. */
  rule: string;
  message: string;
  range: SourceRange;
  severity: Severity;
  /** The first line of the instruction; of what is about no instruction, the range's. */
  line: number;
  fix?: Fix | undefined;
}

/** A report at an instruction, or at another place that the instruction makes wrong. */
export function report(instruction: Instruction, message: string, range = instruction.range): Report {
  return { message, range, instruction };
}

/** A report that nobody silenced, as a finding. Its fix is added by who wants it: addFix. */
export function toFinding(
  code: string,
  severity: Severity,
  { message, range, instruction }: Report,
): Finding {
  const line = instruction?.range.start.line ?? range.start.line;
  return { rule: code, message, range, severity, line };
}

/** A finding with the fix of its report, where there is one. */
export function addFix(finding: Finding, { fix }: Report): Finding {
  const made = typeof fix === 'function' ? fix() : fix;
  if (made !== undefined) finding.fix = made;
  return finding;
}

/** In the order of the file. */
export function byPlace({ range: { start: one } }: Finding, { range: { start: other } }: Finding): number {
  return one.line - other.line || one.column - other.column;
}
