// The section `lint:` of slipway.yaml. Keys that are not there are mistakes; other sections are for others.
import { suggest } from '../../dockerfile/suggest.ts';
import type { Severity } from '../rule.ts';
import {
  readChoice,
  readFlag,
  readLabelSchema,
  readMap,
  readSeconds,
  readText,
  readTexts,
  wrong,
} from './read-values.ts';
import {
  type ConfigWarning,
  type LintSource,
  type NamedRule,
  severityNames,
  type Threshold,
  thresholds,
} from './source.ts';
import { readYamlTree, type YamlTree } from './yaml-tree.ts';

/** `on`: with the severity that the rule has. */
export interface RuleChoice {
  rule: NamedRule;
  choice: Severity | 'off' | 'on';
}

/** What counts for some files or for all. */
export interface ScopedConfig {
  rules: RuleChoice[];
  /** Experimental rules are on. */
  experimental?: boolean | undefined;
  source: Pick<
    LintSource,
    'compat' | 'shellcheck' | 'trustedRegistries' | 'labelSchema' | 'strictLabels' | 'noPragmas' | 'slowStep'
  > & { prefer?: 'hadolint' | 'buildkit' | undefined };
}

export interface SlipwayLintConfig extends ScopedConfig {
  failureThreshold?: Threshold | undefined;
  formats?: string[] | undefined;
  /** Path of a baseline, relative to the file. */
  baseline?: string | undefined;
  /** Patterns of paths relative to the file's folder: what is linted besides the usual names, and what is not. */
  include: string[];
  exclude: string[];
  overrides: (ScopedConfig & { files: string[] })[];
}

const choices = [...severityNames, 'off', 'on'] as const;
const linters = ['hadolint', 'buildkit'] as const;

/** Undefined where there is no section `lint:`. @throws ERR_SYNTAX with its place */
export function readSlipwayConfig(text: string, file: string): SlipwayLintConfig | undefined {
  const tree = readYamlTree(text, file);
  if (tree.value === null) return undefined;
  if (!(tree.value instanceof Map)) throw wrong('the config should be a map of keys', tree.place);
  const section = tree.value.get('lint');
  if (section === undefined) {
    for (const [name, { key }] of tree.value)
      if (suggest(name, ['lint']).startsWith('did you'))
        throw wrong(`there is no section ${JSON.stringify(name)}`, key, 'did you mean lint?');
    return undefined;
  }
  const config: SlipwayLintConfig = { rules: [], source: {}, include: [], exclude: [], overrides: [] };
  readMap(
    section.node,
    {
      ...scopedReaders(config),
      'failure-threshold': (node) =>
        (config.failureThreshold = readChoice(node, 'failure-threshold', thresholds)),
      format: (node) => (config.formats = [readText(node, 'format')]),
      baseline: (node) => (config.baseline = readText(node, 'baseline')),
      include: (node) => (config.include = readTexts(node, 'include')),
      exclude: (node) => (config.exclude = readTexts(node, 'exclude')),
      overrides: (node) => (config.overrides = readOverrides(node)),
    },
    { what: 'lint', unknown: refuse },
  );
  return config;
}

function readOverrides({ value, place }: YamlTree): SlipwayLintConfig['overrides'] {
  if (value === null) return [];
  if (!Array.isArray(value))
    throw wrong('overrides should be a list', place, 'each entry has files: and what counts for them');
  return value.map((node) => {
    const scoped: SlipwayLintConfig['overrides'][number] = { rules: [], source: {}, files: [] };
    const readers = {
      ...scopedReaders(scoped),
      files: (inner: YamlTree) => {
        scoped.files = typeof inner.value === 'string' ? [inner.value] : readTexts(inner, 'files');
      },
    };
    readMap(node, readers, { what: 'an override', unknown: refuse });
    if (scoped.files.length === 0)
      throw wrong('an override names no files', node.place, 'files: ["docker/**"]');
    return scoped;
  });
}

function scopedReaders(config: ScopedConfig): Record<string, (node: YamlTree) => void> {
  const { source } = config;
  return {
    rules: ({ value, place }) => {
      if (value === null) return;
      if (!(value instanceof Map))
        throw wrong('rules should be a map of codes', place, 'rules: {DL3008: off}');
      for (const [name, { key, node }] of value)
        config.rules.push({ rule: { name, place: key }, choice: readChoice(node, name, choices) });
    },
    experimental: (node) => (config.experimental = readFlag(node, 'experimental')),
    compat: (node) => (source.compat = readChoice(node, 'compat', linters)),
    prefer: (node) => (source.prefer = readChoice(node, 'prefer', linters)),
    shellcheck: (node) => (source.shellcheck = readFlag(node, 'shellcheck')),
    'trusted-registries': (node) => (source.trustedRegistries = readTexts(node, 'trusted-registries')),
    'label-schema': (node) => (source.labelSchema = readLabelSchema(node, 'label-schema')),
    'slow-step': (node) => (source.slowStep = readSeconds(node, 'slow-step')),
    'strict-labels': (node) => (source.strictLabels = readFlag(node, 'strict-labels')),
    'disable-ignore-pragma': (node) => (source.noPragmas = readFlag(node, 'disable-ignore-pragma')),
  };
}

function refuse({ message, hint, place }: ConfigWarning): never {
  throw wrong(message, place!, hint);
}
