// How the findings of `slipway lint` are printed.
import type { Finding, LintSettings, Severity } from '../../index.ts';
import { harmlessName } from '../progress/harmless.ts';

export interface LintedFile {
  /** As the user names it. */
  name: string;
  findings: readonly Finding[];
}

export interface ReportOptions {
  format: 'tty' | 'json';
  color: boolean;
  compat: LintSettings['compat'];
}

const colors: Record<Severity, string> = { error: '31;1', warning: '33;1', info: '32', style: '36' };

export function formatFindings(files: readonly LintedFile[], options: ReportOptions): string {
  return options.format === 'json' ? formatJson(files) : formatLines(files, options);
}

/** `file:line:column CODE severity: message`; hadolint gives no columns but for syntax errors, and those no code. */
function formatLines(files: readonly LintedFile[], { color, compat }: ReportOptions): string {
  const paint = (severity: Severity) => (color ? `\x1b[${colors[severity]}m${severity}\x1b[0m` : severity);
  const lines = files.flatMap(({ name, findings }) =>
    findings.map(({ rule, severity, message, range: { start } }) => {
      const place = `${harmlessName(name)}:${start.line}`;
      if (compat !== 'hadolint')
        return `${place}:${start.column} ${rule} ${paint(severity)}: ${harmlessName(message)}\n`;
      if (rule === 'DL1000') return `${place}:${start.column} ${harmlessName(message)}\n`;
      return `${place} ${rule} ${paint(severity)}: ${harmlessName(message)}\n`;
    }),
  );
  return lines.join('');
}

/** The fields of hadolint's JSON. */
function formatJson(files: readonly LintedFile[]): string {
  const list = files.flatMap(({ name, findings }) =>
    findings.map(({ rule, severity, message, range: { start } }) => ({
      file: name,
      line: start.line,
      column: start.column,
      level: severity,
      code: rule,
      message,
    })),
  );
  return `${JSON.stringify(list)}\n`;
}
