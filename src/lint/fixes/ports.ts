// The words of EXPOSE as a build reads them.
import type { Edit, Fix } from '../fix.ts';
import type { LintStep } from '../lint-file.ts';
import { argumentsOf, fixOf, rangeOf } from './parts.ts';

/** Rewrites the words in which no variable stands; undefined where that changes nothing. */
export function fixPorts(step: LintStep, title: string, rewrite: (word: string) => string): Fix | undefined {
  const { from, to } = argumentsOf(step);
  const edits: Edit[] = [];
  for (const found of step.statement.text.slice(from, to).matchAll(/\S+/g)) {
    const [word] = found;
    const text = rewrite(word);
    if (/[$"'\\`]/.test(word) || text === word) continue;
    const at = from + found.index;
    edits.push({ range: rangeOf(step, at, at + word.length), text });
  }
  return edits.length === 0 ? undefined : fixOf('safe', title, ...edits);
}

/** Without an address and a port of the host. */
export function containerPort(word: string): string {
  return word.slice(word.lastIndexOf(':') + 1);
}

export function lowerProtocol(word: string): string {
  const slash = word.indexOf('/');
  return slash < 0 ? word : word.slice(0, slash) + word.slice(slash).toLowerCase();
}
