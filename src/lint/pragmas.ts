// Comments that steer the linter, in hadolint's words: `# hadolint ignore=`, `global ignore=`, `stage ignore=`, `shell=`.
import type { SourceRange } from '../errors.ts';
import type { LintFile } from './lint-file.ts';

export interface Pragma {
  /** `ignore` is for the instruction that begins on the next line, `stage` for what follows the FROM on it. */
  kind: 'ignore' | 'global' | 'stage';
  codes: readonly string[];
  range: SourceRange;
}

const form = /^\s*#\s*hadolint\s+(?:(global|stage)\s+)?ignore\s*=\s*([^#]*?)\s*(?:#.*)?$/;
const hadolintCode = /^(?:DL|SC)\d+$/;
const anyCode = /^[A-Za-z][A-Za-z0-9]*$/;

/** All of a file. One word in a list that is no code voids it, as in hadolint. */
export function readPragmas(file: LintFile): Pragma[] {
  if (!file.dockerfile.text.includes('hadolint')) return [];
  const { lines, steps, compat } = file;
  // Comments within an instruction are not for the linter.
  const inside = new Set<number>();
  for (const { instruction } of steps) {
    const { start, end } = instruction.range;
    for (let line = start.line; line <= end.line; line++) inside.add(line);
  }
  const pragmas: Pragma[] = [];
  for (const [index, text] of lines().entries()) {
    const found = inside.has(index + 1) ? null : form.exec(text);
    if (found === null) continue;
    const codes = found[2]!.split(',').map((code) => code.trim());
    const known = compat ? hadolintCode : anyCode;
    if (!codes.every((code) => known.test(code))) continue;
    const line = index + 1;
    const range = { start: { line, column: 1 }, end: { line, column: text.length + 1 } };
    pragmas.push({ kind: (found[1] as 'global' | 'stage' | undefined) ?? 'ignore', codes, range });
  }
  return pragmas;
}

/** Says whether comments leave a code out on the first line of an instruction; undefined where no comment leaves out any. */
export function createSilencer(file: LintFile): ((code: string, line: number) => boolean) | undefined {
  const pragmas = readPragmas(file);
  if (pragmas.length === 0) return undefined;
  const everywhere = new Set(pragmas.filter(({ kind }) => kind === 'global').flatMap(({ codes }) => codes));
  const byLine = new Map<number, readonly string[]>();
  const stages: { from: number; to: number; codes: readonly string[] }[] = [];
  for (const { kind, codes, range } of pragmas) {
    const next = range.start.line + 1;
    if (kind === 'ignore') byLine.set(next, codes);
    if (kind !== 'stage') continue;
    const index = file.stages.findIndex(({ from }) => from.instruction.range.start.line === next);
    if (index < 0) continue;
    const after = file.stages[index + 1]?.from.instruction.range.start.line ?? Number.POSITIVE_INFINITY;
    stages.push({ from: next + 1, to: after, codes });
  }
  return (code, line) =>
    everywhere.has(code) ||
    byLine.get(line)?.includes(code) === true ||
    stages.some(({ from, to, codes }) => line >= from && line < to && codes.includes(code));
}
