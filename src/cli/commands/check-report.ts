// How the findings of --check are printed: for people, and as BuildKit's JSON (frontend/subrequests/lint).
import type { SourceRange } from '../../errors.ts';
import type { CheckFinding, CheckResult } from '../../index.ts';
import { harmlessName } from '../progress/harmless.ts';
import { sourceExcerpt } from '../source-excerpt.ts';

type ReadSource = ((file: string) => string | undefined) | undefined;

/** A closing line first, then each finding with its lines. */
export function formatCheck({ findings, failed }: CheckResult, readSource: ReadSource): string {
  const count = findings.length;
  if (count === 0) return 'Check complete, no warnings found.\n';
  const head = count === 1 ? '1 warning has been found!' : `${count} warnings have been found!`;
  const texts = findings.map((one) => formatFinding(one, readSource));
  const error = failed ? `\nERROR: ${failure(findings)}\n` : '';
  return `Check complete, ${head}\n${texts.join('')}${error}`;
}

/** What a build of this file ends with. */
function failure(findings: readonly CheckFinding[]): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  return `lint violation found for rules: ${rules.join(', ')}`;
}

function formatFinding({ rule, message, place }: CheckFinding, readSource: ReadSource): string {
  const file = place.file ?? 'Dockerfile';
  const source = readSource?.(file);
  const lines = [
    '',
    `WARNING: ${rule}`,
    harmlessName(message),
    `${file === '-' ? 'Dockerfile' : harmlessName(file)}:${place.range.start.line}`,
    ...((source === undefined ? undefined : sourceExcerpt(source, place.range)) ?? []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Fields that are empty or 0 are left out. Characters count from 0. */
export function checkJson({ findings, failed }: CheckResult, readSource: ReadSource): object {
  const files = [...new Set(findings.map(({ place }) => place.file ?? 'Dockerfile'))];
  return {
    warnings: findings.map(({ rule, description, message, place }) => ({
      ruleName: rule,
      description,
      detail: message,
      location: { ranges: [rangeJson(place.range)] },
    })),
    sources: files.map((filename) => ({
      filename,
      language: 'Dockerfile',
      data: Buffer.from(readSource?.(filename) ?? '').toString('base64'),
    })),
    ...(failed ? { buildError: { message: failure(findings) } } : {}),
  };
}

function rangeJson({ start, end }: SourceRange): object {
  const position = ({ line, column }: SourceRange['start']) => ({
    line,
    ...(column > 1 ? { character: column - 1 } : {}),
  });
  return { start: position(start), end: position(end) };
}
