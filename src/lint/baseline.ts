// Findings that were there before: they are known by their rule and the text of their line, and not reported again.
import { SlipwayError } from '../errors.ts';
import { fingerprints } from './report/fingerprint.ts';
import type { Finding } from './rule.ts';

const version = 1;

/** Fingerprints by file, as the baseline names it, and by rule. */
export type Baseline = Record<string, Record<string, string[]>>;

interface NamedFile {
  /** As the baseline names it. */
  path: string;
  text: string;
  findings: readonly Finding[];
}

/** Ended with a line end; in an order that makes small differences. */
export function formatBaseline(files: readonly NamedFile[]): string {
  const noted: Baseline = {};
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const own = fingerprints(file);
    const rules: Record<string, string[]> = {};
    for (const [index, { rule }] of file.findings.entries()) {
      const list = rules[rule] ?? [];
      list.push(own[index]!);
      rules[rule] = list;
    }
    if (file.findings.length === 0) continue;
    noted[file.path] = Object.fromEntries(
      Object.entries(rules)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([rule, list]) => [rule, list.sort()]),
    );
  }
  return `${JSON.stringify({ version, files: noted }, undefined, 2)}\n`;
}

/** @throws ERR_USAGE for a text that no baseline is */
export function readBaseline(text: string, name: string): Baseline {
  const fail = (cause?: unknown): never => {
    throw new SlipwayError('ERR_USAGE', `${name} is no baseline`, {
      hint: 'write it anew: slipway lint --write-baseline …',
      cause,
    });
  };
  const parse = (): unknown => {
    try {
      return JSON.parse(text);
    } catch (cause) {
      return fail(cause);
    }
  };
  const document = parse();
  if (!isRecord(document)) return fail();
  const files = document['files'];
  if (document['version'] !== version || !isRecord(files)) return fail();
  for (const rules of Object.values(files)) {
    if (!isRecord(rules)) return fail();
    for (const list of Object.values(rules))
      if (!Array.isArray(list) || !list.every((one) => typeof one === 'string')) return fail();
  }
  return files as Baseline;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What of a file is new, and which of its noted findings are gone. */
export function compareBaseline(
  baseline: Baseline,
  file: NamedFile,
): { findings: Finding[]; known: number; gone: { rule: string; count: number }[] } {
  const rules = Object.hasOwn(baseline, file.path) ? baseline[file.path]! : {};
  const left = new Map(Object.entries(rules).map(([rule, list]) => [rule, new Set(list)]));
  const own = fingerprints(file);
  const findings = file.findings.filter(({ rule }, index) => !left.get(rule)?.delete(own[index]!));
  const gone = [...left]
    .filter(([, list]) => list.size > 0)
    .map(([rule, { size }]) => ({ rule, count: size }));
  return { findings, known: file.findings.length - findings.length, gone };
}
