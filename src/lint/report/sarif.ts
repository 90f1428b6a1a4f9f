// SARIF 2.1.0: rules with their pages, real ranges, fingerprints that survive moved lines, and fixes.
import type { SourceRange } from '../../errors.ts';
import type { Fix } from '../fix.ts';
import type { Finding, Severity } from '../rule.ts';
import { fingerprints } from './fingerprint.ts';
import type { LintedFile, ReportOptions } from './report.ts';

const levels: Record<Severity, string> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  style: 'note',
};

export function sarif(files: readonly LintedFile[], options: ReportOptions): string {
  const codes = [...new Set(files.flatMap(({ findings }) => findings.map(({ rule }) => rule)))].sort();
  const results = files.flatMap((file) => {
    const uri = toUri(file.name);
    const own = fingerprints(file);
    return file.findings.map((finding, index) => ({
      ...result(finding, uri),
      ruleIndex: codes.indexOf(finding.rule),
      partialFingerprints: {
        primaryLocationLineHash: own[index]!.includes(':') ? own[index] : `${own[index]}:1`,
      },
    }));
  });
  const driver = {
    name: 'slipway',
    version: options.version,
    semanticVersion: options.version,
    rules: codes.map((code) => descriptor(code, options)),
  };
  const document = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', defaultSourceLanguage: 'dockerfile', results }],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** SARIF 2.1.0, 3.27. */
function result({ rule, severity, message, range, fix }: Finding, uri: string): object {
  return {
    ruleId: rule,
    level: levels[severity],
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: region(range) } }],
    ...(fix && fix.edits.length > 0 ? { fixes: [fixObject(fix, uri)] } : {}),
  };
}

/** SARIF 2.1.0, 3.30: the end column is the one behind, as ours. */
function region({ start, end }: SourceRange): object {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

/** SARIF 2.1.0, 3.55. */
function fixObject({ title, edits }: Fix, uri: string): object {
  const replacements = edits.map(({ range, text }) => ({
    deletedRegion: region(range),
    insertedContent: { text },
  }));
  return { description: { text: title }, artifactChanges: [{ artifactLocation: { uri }, replacements }] };
}

/** SARIF 2.1.0, 3.49. */
function descriptor(code: string, { rules, page }: ReportOptions): object {
  const rule = rules.find((one) => one.code === code);
  if (rule === undefined) return { id: code };
  const text = `${rule.description}.`;
  return {
    id: code,
    name: rule.name,
    shortDescription: { text: rule.description },
    fullDescription: { text },
    help: { text, markdown: page(code) ?? text },
    defaultConfiguration: { enabled: !rule.off, level: levels[rule.severity] },
    properties: { tags: [rule.family] },
  };
}

/** A path as a URI: absolute ones with their scheme. */
function toUri(name: string): string {
  if (name === '-') return 'stdin';
  // Half of a pair of surrogates is no character, and has no bytes.
  const text = name.replace(/\p{Surrogate}/gu, '\ufffd').replace(/^(?:\.\/)+/, '');
  const path = encodeURI(text).replace(/[?#]/g, encodeURIComponent);
  if (path.startsWith('/')) return `file://${path}`;
  // A colon in the first part would be the end of a scheme.
  return /^[^/]*:/.test(path) ? `./${path}` : path;
}
