// hadolint's config file, as hadolint reads it.
import {
  readChoice,
  readFlag,
  readLabelSchema,
  readMap,
  readRules,
  readText,
  readTexts,
} from './read-values.ts';
import { type ConfigWarning, type LintSource, severityNames, thresholds } from './source.ts';
import { readYamlTree } from './yaml-tree.ts';

/** Keys that it does not know are told of, and stop nothing. @throws ERR_SYNTAX with its place */
export function readHadolintConfig(
  text: string,
  file: string,
): { source: LintSource; warnings: ConfigWarning[] } {
  const source: LintSource = { ignored: [], overrides: [], formats: [] };
  const warnings: ConfigWarning[] = [];
  const unknown = (warning: ConfigWarning) => void warnings.push(warning);
  readMap(
    readYamlTree(text, file),
    {
      'no-fail': (node) => (source.noFail = readFlag(node, 'no-fail')),
      'no-color': (node) => (source.noColor = readFlag(node, 'no-color')),
      verbose: (node) => (source.verbose = readFlag(node, 'verbose')),
      format: (node) => source.formats!.push(readText(node, 'format')),
      formats: (node) => source.formats!.push(...readTexts(node, 'formats')),
      'failure-threshold': (node) =>
        (source.failureThreshold = readChoice(node, 'failure-threshold', thresholds)),
      ignored: (node) => source.ignored!.push(...readRules(node, 'ignored')),
      override: (node) =>
        readMap(
          node,
          Object.fromEntries(
            severityNames.map((severity) => [
              severity,
              (inner) => {
                for (const rule of readRules(inner, severity)) source.overrides!.push({ rule, severity });
              },
            ]),
          ),
          { what: 'override', unknown },
        ),
      trustedRegistries: (node) => (source.trustedRegistries = readTexts(node, 'trustedRegistries')),
      'label-schema': (node) => (source.labelSchema = readLabelSchema(node, 'label-schema')),
      'strict-labels': (node) => (source.strictLabels = readFlag(node, 'strict-labels')),
      'disable-ignore-pragma': (node) => (source.noPragmas = readFlag(node, 'disable-ignore-pragma')),
    },
    { what: 'the config', unknown },
  );
  return { source, warnings };
}
