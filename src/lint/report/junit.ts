// JUnit's XML: a suite for each file, a failed case for each finding. A file without findings is a case that passed.
import type { LintedFile } from './report.ts';
import { escapeXml } from './xml.ts';

export function junit(files: readonly LintedFile[]): string {
  const suites = files.map(({ name, findings }) => {
    const cases = findings.map(({ rule, severity, message, range: { start } }) => {
      const place = `${name}:${start.line}:${start.column}`;
      const content = `${place} ${rule} ${severity}: ${message}`;
      return [
        `<testcase classname="${escapeXml(name)}" name="${escapeXml(`${rule} ${start.line}:${start.column}`)}" time="0.001">`,
        `<failure type="${severity}" message="${escapeXml(message)}">${escapeXml(content)}</failure></testcase>`,
      ].join('');
    });
    const broken = findings.filter(({ rule }) => rule === 'DL1000').length;
    if (cases.length === 0)
      cases.push(`<testcase classname="${escapeXml(name)}" name="no findings" time="0.001"/>`);
    const counts = `tests="${cases.length}" failures="${findings.length}" errors="${broken}"`;
    return `<testsuite id="${escapeXml(name)}" name="${escapeXml(name)}" ${counts} time="0.001">${cases.join('')}</testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?><testsuites name="slipway lint" time="0.001">${suites.join('')}</testsuites>\n`;
}
