// Relative paths made absolute: by a WORKDIR above, or by what nearly every base image has.
import { join, normalize } from 'node:path/posix';
import type { Fix } from '../fix.ts';
import type { LintFile, LintStep } from '../lint-file.ts';
import { isOneOf, lineage, unquote } from '../rules/dl/walk.ts';
import { baseConfig } from './base-config.ts';
import { fixOf, rangeOf } from './parts.ts';

/** What WORKDIR is in front of an instruction; undefined where a variable or a base image decides. */
export function folderAbove(step: LintStep, file: LintFile): string | undefined {
  const above = (one: LintStep) => one.instruction.range.start.line < step.instruction.range.start.line;
  let path = '';
  for (const stage of lineage(step.stage)) {
    for (const one of stage.steps.filter(above).reverse()) {
      if (!isOneOf(one, ['WORKDIR'])) continue;
      const value = unquote(one.instruction.value);
      if (/[$\\`"']/.test(value) || /^[A-Za-z]:/.test(value)) return undefined;
      path = path === '' ? value : `${value}/${path}`;
      if (value.startsWith('/')) return normalize(path);
    }
  }
  const config = baseConfig(file, step.stage);
  return config && join('/', config.WorkingDir ?? '', path);
}

/** Puts the folder in front of a path; suggested where it is a guess. */
export function fixRelativePath(step: LintStep, written: string, file: LintFile): Fix | undefined {
  const path = unquote(written);
  if (![path, `"${path}"`, `'${path}'`].includes(written)) return undefined;
  if (file.dockerfile.escape !== '\\' || path === '' || /[$\\`"']/.test(path)) return undefined;
  const { text, argumentsAt } = step.statement;
  const at = text.lastIndexOf(path);
  if (at < argumentsAt) return undefined;
  const folder = folderAbove(step, file);
  // Where a base image leaves off, nobody can tell.
  if (folder === undefined && /^\.{1,2}(?:\/|$)/.test(path) && !/^\.\/./.test(path)) return undefined;
  // A folder as a destination is told from a file by its end.
  const whole = join('/', folder ?? '', path) + (/(?:^|\/)\.$/.test(path) && folder !== '/' ? '/' : '');
  const range = rangeOf(step, at, at + path.length);
  return fixOf(folder === undefined ? 'suggested' : 'safe', `Write ${whole}`, { range, text: whole });
}

export function fixRelativeWorkdir(step: LintStep, file: LintFile): Fix | undefined {
  return isOneOf(step, ['WORKDIR']) ? fixRelativePath(step, step.instruction.value, file) : undefined;
}
