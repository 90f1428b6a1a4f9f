// How the findings of --check are printed: for people, and as BuildKit's JSON (frontend/subrequests/lint).
import { type Place, SlipwayError, type SourceRange } from '../../errors.ts';
import type { CheckFinding, CheckResult } from '../../index.ts';
import { harmlessName } from '../progress/harmless.ts';
import type { FailureContext } from '../session.ts';
import { sourceExcerpt } from '../source-excerpt.ts';
import type { BuildCall } from './build-call.ts';
import { jsonText } from './images/safe-text.ts';

type ReadSource = FailureContext['readSource'];

/**
 * Runs a check and says what to print. Findings make the exit code 1 unless the call ignores them; as JSON, so does a
 * Dockerfile that can't be read.
 * @throws what `check` throws, but as JSON no mistakes in the Dockerfile
 */
export async function answerCheck(
  call: BuildCall,
  failure: FailureContext,
  check: () => Promise<CheckResult>,
): Promise<string> {
  const report = (result: CheckResult, mistake?: SlipwayError): string => {
    const good = result.findings.length === 0 && mistake === undefined;
    if (!good && !call.ignoreStatus) failure.exitCode = 1;
    if (!call.json) return formatCheck(result, failure.readSource);
    return `${jsonText(checkJson(result, failure.readSource, mistake), 2)}\n`;
  };
  try {
    return report(await check());
  } catch (error) {
    if (!call.json || !(error instanceof SlipwayError) || error.place === undefined) throw error;
    return report({ findings: [], failed: false }, error);
  }
}

/** A closing line first, then each finding with its lines. */
export function formatCheck({ findings, failed }: CheckResult, readSource: ReadSource): string {
  const count = findings.length;
  if (count === 0) return 'Check complete, no warnings found.\n';
  const head = count === 1 ? '1 warning has been found!' : `${count} warnings have been found!`;
  const texts = findings.map((one) => formatFinding(one, readSource));
  const error = failed ? `\nERROR: ${failureOf(findings)}\n` : '';
  return `Check complete, ${head}\n${texts.join('')}${error}`;
}

/** What a build of this file ends with. */
function failureOf(findings: readonly CheckFinding[]): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  return `lint violation found for rules: ${rules.join(', ')}`;
}

function formatFinding({ rule, message, place }: CheckFinding, readSource: ReadSource): string {
  const file = place.file ?? 'Dockerfile';
  const source = readSource?.(file);
  const lines = [
    '',
    `WARNING: ${[rule, ...pageOf(rule)].join(' - ')}`,
    harmlessName(message),
    `${file === '-' ? 'Dockerfile' : harmlessName(file)}:${place.range.start.line}`,
    ...((source === undefined ? undefined : sourceExcerpt(source, place.range)) ?? []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Where BuildKit's documentation has the page of one of its checks; one of them has none. */
function pageOf(rule: string): string[] {
  if (/^[A-Z]{2}\d+$/.test(rule) || rule === 'InvalidBaseImagePlatform') return [];
  const words = rule.match(/[A-Z]+(?![a-z])|[A-Z][a-z]*/g) ?? [];
  return [`https://docs.docker.com/go/dockerfile/rule/${words.join('-').toLowerCase()}/`];
}

/** Fields that are empty or 0 are left out. Characters count from 0. */
export function checkJson(
  { findings, failed }: CheckResult,
  readSource: ReadSource,
  mistake?: SlipwayError | undefined,
): object {
  const places = [...findings, ...(mistake ? [mistake] : [])].flatMap(({ place }) => place ?? []);
  const files = [...new Set(places.map(({ file }) => file ?? 'Dockerfile'))];
  const message = mistake?.message ?? (failed ? failureOf(findings) : undefined);
  return {
    warnings: findings.map(({ rule, description, message, place }) => {
      const [url] = pageOf(rule);
      const location = locationJson(place);
      return { ruleName: rule, description, ...(url ? { url } : {}), detail: message, location };
    }),
    sources: files.map((filename) => ({
      filename,
      language: 'Dockerfile',
      data: Buffer.from(readSource?.(filename) ?? '').toString('base64'),
    })),
    ...(message === undefined
      ? {}
      : { buildError: { message, ...(mistake?.place ? { location: locationJson(mistake.place) } : {}) } }),
  };
}

function locationJson({ range: { start, end } }: Place): object {
  const position = ({ line, column }: SourceRange['start']) => ({
    line,
    ...(column > 1 ? { character: column - 1 } : {}),
  });
  return { ranges: [{ start: position(start), end: position(end) }] };
}
