// MAINTAINER as a label.
import type { Fix } from '../fix.ts';
import type { LintStep } from '../lint-file.ts';
import { argumentsOf, fixOf, isOneLine, keywordRange, rangeOf } from './parts.ts';

const key = 'org.opencontainers.image.authors';

/** @param sign what the file escapes with. */
export function fixMaintainer(step: LintStep, sign: string): Fix | undefined {
  const { text, written } = step.statement;
  const { to } = argumentsOf(step);
  const from = step.statement.argumentsAt;
  const range = rangeOf(step, from, to);
  if (from >= to || !isOneLine(range)) return undefined;
  const value = text.slice(from, to).replace(/^"([^"]*)"$/, '$1');
  const keyword = written === written.toLowerCase() ? 'label' : 'LABEL';
  return fixOf(
    'safe',
    'Write a label',
    { range: keywordRange(step), text: keyword },
    { range, text: `${key}=${quote(value, sign)}` },
  );
}

/** What MAINTAINER takes as it stands, for LABEL, which knows quotes and variables. */
function quote(value: string, sign: string): string {
  if (!/["\\`$]/.test(value)) return `"${value}"`;
  if (!value.includes("'")) return `'${value}'`;
  const escaped = value.replace(/["$\\`]/g, (letter) =>
    letter === '"' || letter === '$' || letter === sign ? sign + letter : letter,
  );
  return `"${escaped}"`;
}
