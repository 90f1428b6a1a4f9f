// How the rules with ShellCheck's codes are made: each looks at the shell code of one RUN.
import type { LintFile } from '../../lint-file.ts';
import type { Report, Rule, Severity } from '../../rule.ts';
import type { Dialect } from '../../shell/dialect.ts';
import type { Place } from '../../shell/place.ts';
import type { ShellCode } from '../../shell/shell-code.ts';
import type { ShellReport } from '../../shell/shell-report.ts';

export interface ShellRuleFacts {
  code: string;
  name: string;
  description: string;
  severity: Severity;
  /** The shells it is about; left out: all. */
  shells?: readonly Dialect[];
  /** Texts, programs' names among them: code that has none of them can't break the rule, and is not looked at. */
  signs: readonly Sign[];
  /** The same of code that lacks one of these. */
  needs?: readonly Sign[];
  check(code: ShellCode): Iterable<ShellReport>;
}

/** A text, or its form, which has to be one that is looked for in a single pass. */
type Sign = string | RegExp;

export interface ShellRule extends Rule<LintFile> {
  /** What it finds in code, wherever that stands. */
  find(code: ShellCode): readonly ShellReport[];
}

export function shellRule(facts: ShellRuleFacts): ShellRule {
  const { code, name, description, severity, shells, signs, needs = [] } = facts;
  const isMissing = code.startsWith('SC3');
  return {
    ...{ code, name, description, severity },
    family: 'shellcheck',
    scope: 'instruction',
    // Code is looked at when its file's names are asked for: what is found in it is among them.
    on: [code],
    find(shellCode) {
      if (shells?.includes(shellCode.dialect) === false) return none;
      const { text } = shellCode.script.source;
      const isPresent = (sign: Sign) => (typeof sign === 'string' ? text.includes(sign) : sign.test(text));
      return signs.some(isPresent) && needs.every(isPresent) ? [...facts.check(shellCode)] : none;
    },
    check(file) {
      const reports: Report[] = [];
      for (const shellCode of file.index.shellCodes(file)) {
        const found = shellCode.reports.get(code);
        if (found === undefined) continue;
        const own = isMissing && failing.includes(shellCode.dialect) ? 'error' : undefined;
        for (const one of found) reports.push(toReport(shellCode, one, own));
      }
      return reports;
    },
  };
}

const none: readonly ShellReport[] = [];

function toReport(
  { step, script }: ShellCode,
  { place, message, from, to, fix }: ShellReport,
  severity: Severity | undefined,
): Report {
  const { node, code } = place;
  const locate = (start: number, end: number) => {
    const span = code.span(start, end);
    return script.source.locate(span.from, span.to);
  };
  const range = locate(from ?? node.pos, to ?? node.end);
  const report = { message, range, instruction: step.instruction, severity };
  if (fix === undefined || !code.isWhole) return report;
  const edits = () => fix.edits.map((edit) => ({ range: locate(edit.from, edit.to), text: edit.text }));
  return { ...report, fix: () => ({ ...fix, edits: edits() }) };
}

/** Shells in which what is not in POSIX fails; ash has most of it. */
export const posix: readonly Dialect[] = ['sh', 'dash'];

/** Where something is known to be missing, and not only left open by POSIX. */
const failing: readonly Dialect[] = ['dash', 'ash'];

/** Between double quotes. */
export function quoted({ node }: Place): ShellReport['fix'] {
  const edits = [
    { from: node.pos, to: node.pos, text: '"' },
    { from: node.end, to: node.end, text: '"' },
  ];
  return { safety: 'suggested', title: 'Put it in double quotes', edits };
}

/** The text of a node. */
export function textOf({ node, code }: Place): string {
  return code.text.slice(node.pos, node.end);
}
