// What the rules with ShellCheck's codes find in shell code, by code; what finds nothing is not there.
import type { ShellCode } from '../../shell/shell-code.ts';
import type { ShellReport } from '../../shell/shell-report.ts';
import { scRules } from './index.ts';

export function findReports(code: ShellCode): ReadonlyMap<string, readonly ShellReport[]> {
  const reports = new Map<string, readonly ShellReport[]>();
  for (const rule of scRules) {
    const found = rule.find(code);
    if (found.length > 0) reports.set(rule.code, found);
  }
  return reports;
}
