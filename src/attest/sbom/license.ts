// License texts of packages as SPDX license expressions (SPDX 2.3, annex D); what SPDX has no name for gets one of its own.
import { createHash } from 'node:crypto';
import parse from 'spdx-expression-parse';

export interface License {
  expression: string;
  /** Names that stand for a text of the package's. */
  extracted: { licenseId: string; extractedText: string }[];
}

/** Longer ones are prose, and would be parsed recursively. */
const longest = 400;
const longestTerm = 60;

function isExpression(text: string): boolean {
  if (text.length > longest) return false;
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function ownName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^-+|-+$/g, '');
  const isExact = name === text && name.length <= 60;
  // Two texts that differ in what a name may not hold must not share one.
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `LicenseRef-${isExact ? name : [name.slice(0, 40), mark].filter(Boolean).join('-')}`;
}

/** `undefined`: nothing is known. */
export function licenseExpression(text: string | undefined): License | undefined {
  const whole = text?.trim();
  if (!whole) return undefined;
  if (isExpression(whole)) return { expression: whole, extracted: [] };
  const parts = whole.split(/\s*;\s*|\s*,\s*(?:and\s+)?/i).filter(Boolean);
  const isProse = whole.length > longest && parts.some((part) => part.length > longestTerm);
  const terms = (isProse ? [whole] : parts).flatMap((part) =>
    isProse || isExpression(part) ? [part] : part.split(/\s+AND\s+/i).filter(Boolean),
  );
  const extracted = new Map<string, string>();
  const named = terms.map((term) => {
    if (isExpression(term)) return /\sOR\s/i.test(term) && !/^\([^()]*\)$/.test(term) ? `(${term})` : term;
    const name = ownName(term);
    extracted.set(name, term);
    return name;
  });
  return {
    expression: [...new Set(named)].join(' AND '),
    extracted: [...extracted].map(([licenseId, extractedText]) => ({ licenseId, extractedText })),
  };
}
