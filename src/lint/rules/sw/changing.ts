// Variables that have another value on each build, by what they are called.
import type { LintStep } from '../../lint-file.ts';

export const changing =
  /^(?:\w+_)?(?:build_?(?:date|time|timestamp|number|num|id|ref)|(?:git|vcs|source)_?(?:sha1?|commit|ref|rev|revision|hash|branch|describe)|commit(?:_?(?:sha|hash|id|ref))?|revision|timestamp)$/i;

/** Whether an instruction has the name in it. */
export function uses({ instruction }: LintStep, name: string): boolean {
  const bodies = 'heredocs' in instruction ? instruction.heredocs.map(({ body }) => body).join() : '';
  return new RegExp(`\\b${name}\\b`).test(instruction.text + bodies);
}
