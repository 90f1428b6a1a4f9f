// Checkstyle's XML.
import type { LintedFile } from './report.ts';
import { escapeXml } from './xml.ts';

export function checkstyle(files: readonly LintedFile[]): string {
  const attribute = (name: string, value: string | number) => `${name}='${escapeXml(String(value))}' `;
  const elements = files
    .filter(({ findings }) => findings.length > 0)
    .map(({ name, findings }) => {
      const errors = findings.map(({ rule, severity, message, range: { start } }) => {
        const attributes = [
          attribute('line', start.line),
          attribute('column', start.column),
          attribute('severity', severity),
          attribute('message', message),
          attribute('source', rule),
        ];
        return `<error ${attributes.join('')}/>`;
      });
      return `<file ${attribute('name', name)}>${errors.join('')}</file>`;
    });
  return `<?xml version='1.0' encoding='UTF-8'?><checkstyle version='4.3'>${elements.join('')}</checkstyle>`;
}
