// Findings as the protocol's diagnostics.
import type { Diagnostic, DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver';
import type { Finding, Severity } from '../lint/open-linter.ts';
import type { LintHost } from './host.ts';
import type { TextPlaces } from './text-places.ts';

export const sourceName = 'slipway';

const severities: Record<Severity, DiagnosticSeverity> = { error: 1, warning: 2, info: 3, style: 4 };

const unnecessary: DiagnosticTag = 1;
const deprecated: DiagnosticTag = 2;

/** By code: what is there for nothing, and what is out of use. */
const tags: Readonly<Record<string, DiagnosticTag>> = {
  DL3065: unnecessary,
  MultipleInstructionsDisallowed: unnecessary,
  NoEmptyContinuation: unnecessary,
  RedundantTargetPlatform: unnecessary,
  SW007: unnecessary,
  DL4000: deprecated,
  LegacyKeyValueFormat: deprecated,
  MaintainerDeprecated: deprecated,
  SW011: deprecated,
};

export function toDiagnostic(
  { rule, severity, message, range }: Finding,
  places: TextPlaces,
  { pageUri }: Pick<LintHost, 'pageUri'>,
): Diagnostic {
  const href = pageUri(rule);
  const tag = tags[rule];
  return {
    range: places.toRange(range),
    severity: severities[severity],
    code: rule,
    ...(href === undefined ? {} : { codeDescription: { href } }),
    source: sourceName,
    message,
    ...(tag === undefined ? {} : { tags: [tag] }),
  };
}
