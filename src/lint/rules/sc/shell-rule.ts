// How the rules with ShellCheck's codes are made: each looks at the shell code of one RUN.
import type { SyntaxNode, Word } from 'unbash';
import type { Fix } from '../../fix.ts';
import type { LintFile } from '../../lint-file.ts';
import type { Report, Rule, Severity } from '../../rule.ts';
import type { Dialect } from '../../shell/dialect.ts';
import type { Place } from '../../shell/place.ts';
import type { ShellCode } from '../../shell/shell-code.ts';

export interface ShellRuleFacts {
  code: string;
  name: string;
  description: string;
  severity: Severity;
  /** The shells it is about; left out: all. */
  shells?: readonly Dialect[];
  /** Texts, programs' names among them: code that has none of them can't break the rule, and is not looked at. */
  signs: readonly string[];
  check(code: ShellCode): Iterable<ShellReport>;
}

export interface ShellReport {
  place: Place;
  message: string;
  /** Offsets in the place's text; of its node where left out. */
  from?: number | undefined;
  to?: number | undefined;
  fix?: { safety: Fix['safety']; title: string; edits: readonly ShellEdit[] } | undefined;
}

/** Puts a text in the place of what is between two offsets. */
export interface ShellEdit {
  from: number;
  to: number;
  text: string;
}

export function shellRule({ shells, signs, check, ...facts }: ShellRuleFacts): Rule<LintFile> {
  const isMissing = facts.code.startsWith('SC3');
  return {
    ...facts,
    family: 'shellcheck',
    scope: 'instruction',
    on: ['RUN'],
    check(file) {
      const codes = file.index.shellCodes(file);
      // Most files have none of a rule's signs in any of their code.
      if (!holdsAny(file.index.shellText(file), signs)) return none;
      const reports: Report[] = [];
      for (const code of codes) {
        if (shells?.includes(code.dialect) === false || !holdsAny(code.script.source.text, signs)) continue;
        const severity = isMissing && failing.includes(code.dialect) ? 'error' : undefined;
        for (const found of check(code)) reports.push({ ...toReport(code, found), severity });
      }
      return reports;
    },
  };
}

const none: readonly Report[] = [];

function holdsAny(text: string, signs: readonly string[]): boolean {
  for (const sign of signs) if (text.includes(sign)) return true;
  return false;
}

function toReport({ step }: ShellCode, { place, message, from, to, fix }: ShellReport): Report {
  const { node, code } = place;
  const range = code.locate(from ?? node.pos, to ?? node.end);
  const report = { message, range, instruction: step.instruction };
  if (fix === undefined || !code.isExact) return report;
  const edits = fix.edits.map((edit) => ({ range: code.locate(edit.from, edit.to), text: edit.text }));
  return { ...report, fix: { ...fix, edits } };
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
