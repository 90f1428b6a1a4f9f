// A line for each finding: for people, and as the GNU coding standards write errors.
import type { Severity } from '../rule.ts';
import { type LintedFile, type ReportOptions, rowsOf } from './report.ts';

const colors: Record<Severity, string> = { error: '31;1', warning: '33;1', info: '32', style: '36' };

/** `file:line:column CODE severity: message`; hadolint gives no columns but for syntax errors, and those no code. */
export function tty(files: readonly LintedFile[], { color, compat, harmless }: ReportOptions): string {
  const paint = (severity: Severity) => (color ? `\x1b[${colors[severity]}m${severity}\x1b[0m` : severity);
  let out = '';
  for (const { name, finding } of rowsOf(files)) {
    const { rule, severity, message, range } = finding;
    const { line, column } = range.start;
    const isBare = compat === 'hadolint';
    const column1 = isBare && rule !== 'DL1000' ? '' : `:${column}`;
    const what = isBare && rule === 'DL1000' ? '' : `${rule} ${paint(severity)}: `;
    out += `${harmless(name)}:${line}${column1} ${what}${harmless(message)}\n`;
  }
  return out;
}

/** `program:file:line:column: message`. */
export function gnu(files: readonly LintedFile[], { compat, harmless }: ReportOptions): string {
  let out = '';
  for (const { name, finding } of rowsOf(files)) {
    const { rule, severity, message, range } = finding;
    const { line, column } = range.start;
    const place = `${harmless(name)}:${line}`;
    const text = harmless(message);
    if (compat !== 'hadolint') out += `slipway:${place}:${column}: ${rule} ${severity}: ${text}\n`;
    else if (rule === 'DL1000') out += `hadolint:${place}:${column}: ${text}\n`;
    else out += `hadolint:${place}: ${rule} ${severity}: ${text}\n`;
  }
  return out;
}
