// hadolint's own view of a file: what it can't parse, and one finding a line for each rule.
import type { LintFile } from './lint-file.ts';
import type { Finding, Report } from './rule.ts';

/** What a build refuses and hadolint takes as it stands. */
const passes = /doesn't support variable expansion|--from needs a value/;

/**
 * Why hadolint gives up on a file, where it does: a syntax error, or a heredoc with no empty line behind it. It says
 * nothing of a file without any instruction, nor of one without FROM.
 */
export function parseFailure({ errors, steps, lines }: LintFile): Report | undefined {
  for (const { instruction } of steps) {
    if (!('heredocs' in instruction) || instruction.heredocs.length === 0) continue;
    const { line } = instruction.range.end;
    const next = lines[line];
    if (next === undefined || next.trim() === '') continue;
    const range = { start: { line: line + 1, column: 1 }, end: { line: line + 1, column: 1 } };
    return { message: 'unexpected text behind the end of a heredoc', range, instruction: undefined };
  }
  const [error] = errors.filter(({ message }) => !passes.test(message));
  if (error?.place === undefined) return undefined;
  return { message: error.message, range: error.place.range, instruction: undefined };
}

/** Rules that report each label of an instruction. */
const perLabel = /^DL30(?:49|5[1-68])$/;

/** The findings as hadolint places them: at an instruction's first line, column 1, once for each rule. */
export function compatLines(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const { rule, line, message } = finding;
    const key = perLabel.test(rule) ? `${line} ${rule} ${message}` : `${line} ${rule}`;
    const range = { start: { line, column: 1 }, end: { line, column: 1 } };
    if (!seen.has(key)) seen.set(key, { ...finding, range });
  }
  return [...seen.values()].sort((a, b) => a.line - b.line || (a.rule < b.rule ? -1 : 1));
}
