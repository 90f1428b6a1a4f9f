// How the rules with ShellCheck's codes are made: each looks at the shell code of one RUN.
import type { SyntaxNode, Word } from 'unbash';
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

export function shellRule(facts: ShellRuleFacts): Rule<LintFile> {
  const { code: number, name, description, severity: usual, shells } = facts;
  const isMissing = number.startsWith('SC3');
  const check = createCheck(facts);
  return {
    ...{ code: number, name, description, severity: usual },
    family: 'shellcheck',
    scope: 'instruction',
    on: ['RUN'],
    check(file) {
      const reports: Report[] = [];
      for (const code of file.index.shellCodes(file)) {
        if (shells?.includes(code.dialect) === false) continue;
        const found = check(code);
        if (found.length === 0) continue;
        const severity = isMissing && failing.includes(code.dialect) ? 'error' : undefined;
        for (const one of found) reports.push(toReport(code, one, severity));
      }
      return reports;
    },
  };
}

let checks = 0;

/** What a check finds is the same wherever the code stands: it is asked once. */
function createCheck({
  signs,
  needs = [],
  check,
}: ShellRuleFacts): (code: ShellCode) => readonly ShellReport[] {
  const number = checks++;
  return (code) => {
    const { reports } = code;
    let found = reports[number];
    if (found === undefined) {
      const { text } = code.script.source;
      const isPresent = (sign: Sign) => (typeof sign === 'string' ? text.includes(sign) : sign.test(text));
      found = signs.some(isPresent) && needs.every(isPresent) ? [...check(code)] : none;
      reports[number] = found;
    }
    return found;
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

export function isWord(node: SyntaxNode): node is Word {
  return node.type === 'Word';
}
