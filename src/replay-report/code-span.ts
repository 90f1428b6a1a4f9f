// Foreign words in Markdown: as code, or with all that formats taken for what it is.
import { plainText, shortened } from './plain-text.ts';

/** Characters of one. */
const widest = 80;

/** For a cell of a table, too. */
export function codeSpan(foreign: string): string {
  const text = shortened(plainText(foreign), widest).trim();
  if (text === '') return '';
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const edge = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${edge}${text.replaceAll('|', '\\|')}${edge}${fence}`;
}

/** Words without markup; nobody is called by them. */
export const escapeText = (text: string): string =>
  plainText(text).replace(/[\\`*_{}[\]<>#|~@!]/g, (sign) =>
    sign === '<' ? '&lt;' : sign === '@' ? '&#64;' : `\\${sign}`,
  );
