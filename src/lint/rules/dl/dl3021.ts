// DL3021: several files need a folder to go to.
import type { Fix } from '../../fix.ts';
import { fixOf, rangeOf } from '../../fixes/parts.ts';
import type { LintStep } from '../../lint-file.ts';
import { at, type LintRule, placeOf, stepsOf, unquote } from './walk.ts';

export const dl3021: LintRule = {
  code: 'DL3021',
  name: 'CopyToFolder',
  family: 'hadolint',
  description: 'COPY of several sources should have a destination that ends in /',
  severity: 'error',
  scope: 'instruction',
  on: ['COPY'],
  *check(file) {
    for (const step of stepsOf(file, ['COPY'])) {
      const { keyword, sources, heredocs, destination } = step.instruction;
      if (keyword !== 'COPY' || sources.length + heredocs.length < 2) continue;
      const target = unquote(destination);
      if (target.endsWith('/') || (!file.compat && (target.startsWith('$') || /^\.{1,2}$/.test(target))))
        continue;
      const message = `Several sources go to ${destination}, which has to be a folder: end it with /`;
      yield { ...at(step, message, placeOf(step, destination)), fix: () => endWithSlash(step, target) };
    }
  },
};

/** Behind the last letter of the path, within its quotes. */
function endWithSlash(step: LintStep, target: string): Fix | undefined {
  const { text } = step.statement;
  const at = text.lastIndexOf(target) + target.length;
  const isEnd = target !== '' && /^["'\]\s]*$/.test(text.slice(at));
  if (!isEnd || /[$\\`"']/.test(target)) return undefined;
  const { end } = rangeOf(step, at - 1, at);
  return fixOf('safe', 'End it with /', { range: { start: end, end }, text: '/' });
}
