// Mends a text until nothing is left that can be mended: lints, applies what does not clash, and again.
import { applyFixes } from './apply-fixes.ts';
import type { Fix } from './fix.ts';
import { lintText, syntaxCode } from './lint-text.ts';
import type { Finding } from './rule.ts';
import type { LintSettings } from './settings.ts';

/** `safe`: what leaves the image as it is meant. `all`: what somebody should look at, too. */
export type FixLevel = 'safe' | 'all';

export interface FixedText {
  text: string;
  /** What was found before anything was mended. */
  before: readonly Finding[];
  /** What is left. */
  findings: Finding[];
}

/** A file that needs more rounds has rules that undo each other. */
const mostRounds = 50;

/**
 * The text with its findings mended. What one round leaves, as edits that touch others, the next one takes; in which order
 * is decided by places and codes alone. A fix after which less of the file can be parsed is not taken.
 */
export function fixText(
  text: string,
  name: string,
  { level, settings = {} }: { level: FixLevel; settings?: LintSettings | undefined },
): FixedText {
  const before = lintText(text, name, settings);
  const seen = new Set([text]);
  let state = { text, findings: before };
  for (let round = 0; round < mostRounds; round++) {
    const next = mendOnce(state, level, (mended) => lintText(mended, name, settings));
    if (next === undefined || seen.has(next.text)) break;
    seen.add(next.text);
    state = next;
  }
  return { text: state.text, before, findings: state.findings };
}

/** What a fix may do to a file under a level. */
export function isWanted(fix: Fix | undefined, level: FixLevel): fix is Fix {
  return fix !== undefined && (level === 'all' || fix.safety === 'safe');
}

interface State {
  text: string;
  findings: Finding[];
}

function mendOnce(
  { text, findings }: State,
  level: FixLevel,
  lint: (text: string) => Finding[],
): State | undefined {
  // Safe ones first: where two clash, the one that nobody has to look at is taken.
  const fixes = findings
    .flatMap(({ fix }) => (isWanted(fix, level) ? [fix] : []))
    .sort((a, b) => (a.safety === b.safety ? 0 : a.safety === 'safe' ? -1 : 1));
  if (fixes.length === 0) return undefined;
  const errors = syntaxErrors(findings);
  const all = applyFixes(text, fixes).text;
  const found = lint(all);
  if (syntaxErrors(found) <= errors) return { text: all, findings: found };
  for (const fix of fixes) {
    const one = applyFixes(text, [fix]).text;
    const left = lint(one);
    if (one !== text && syntaxErrors(left) <= errors) return { text: one, findings: left };
  }
  return undefined;
}

function syntaxErrors(findings: readonly Finding[]): number {
  return findings.filter(({ rule }) => rule === syntaxCode).length;
}
