// What all places say together of how each file is linted.

import { createPatternMatcher } from '../../dockerfile/ignore.ts';
import { SlipwayError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import type { RuleSummary } from '../open-linter.ts';
import type { Severity } from '../rule.ts';
import type { LintSettings } from '../settings.ts';
import type { RuleChoice, ScopedConfig, SlipwayLintConfig } from './slipway-config.ts';
import {
  type ConfigWarning,
  type LintSource,
  type NamedRule,
  severityNames,
  type Threshold,
} from './source.ts';

export interface PlanInput {
  rules: readonly RuleSummary[];
  /** hadolint's own, in its order: the environment, the config file. */
  hadolint: readonly LintSource[];
  slipway: SlipwayLintConfig | undefined;
  commandLine: LintSource;
}

export interface LintPlan {
  /** @param path relative to the folder of slipway.yaml, or undefined where it is not below */
  settingsFor(path: string | undefined): LintSettings;
  failureThreshold: Threshold;
  noFail: boolean;
  noColor: boolean;
  verbose: boolean;
  formats: readonly string[];
  warnings: readonly ConfigWarning[];
}

/** @throws ERR_USAGE, ERR_SYNTAX for a rule that is not there; those that files of hadolint name are told of */
export function createPlan({ rules, hadolint, slipway, commandLine }: PlanInput): LintPlan {
  const warnings: ConfigWarning[] = [];
  const codes = createCodeReader(rules);
  const readHadolint = (rule: NamedRule) => {
    const found = codes(rule);
    if (typeof found === 'string') return found;
    warnings.push({ message: found.message, hint: found.hint, place: rule.place });
    return undefined;
  };
  const strict = (rule: NamedRule) => {
    const found = codes(rule);
    if (typeof found === 'string') return found;
    throw found;
  };
  const below = readChoices(hadolint, readHadolint);
  const above = readChoices([commandLine], strict);
  const scopes = (slipway?.overrides ?? []).map((scope) => ({
    scope,
    matches: createPatternMatcher(scope.files),
    choices: readOwn(scope, rules, strict),
  }));
  const own = slipway ? readOwn(slipway, rules, strict) : new Map<string, Severity | 'off'>();
  const ownSources: LintSource[] = slipway
    ? [{ ...slipway.source, failureThreshold: slipway.failureThreshold, formats: slipway.formats }]
    : [];
  const sources = [...hadolint, ...ownSources, commandLine];
  const last = <K extends keyof LintSource>(key: K, of: readonly LintSource[] = sources): LintSource[K] =>
    of.findLast((source) => source[key] !== undefined)?.[key];

  function build(active: typeof scopes): LintSettings {
    const chosen = new Map(own);
    for (const { choices } of active) for (const [code, choice] of choices) chosen.set(code, choice);
    const scoped: LintSource[] = [
      ...hadolint,
      ...ownSources,
      ...active.map(({ scope }) => scope.source),
      commandLine,
    ];
    const registries = scoped.flatMap(({ trustedRegistries }) => trustedRegistries ?? []);
    return {
      compat: last('compat', scoped),
      prefer:
        active.findLast(({ scope }) => scope.source.prefer)?.scope.source.prefer ?? slipway?.source.prefer,
      severities: severitiesOf({ below, above, own: chosen }),
      noPragmas: last('noPragmas', scoped),
      trustedRegistries: registries,
      labelSchema: Object.assign({}, ...scoped.map(({ labelSchema }) => labelSchema ?? {})),
      strictLabels: last('strictLabels', scoped),
      slowStep: last('slowStep', scoped),
      shellcheck: last('shellcheck', scoped),
    };
  }

  // Files of one folder mostly have the same: settings are made once for each set of overrides.
  const made = new Map<string, LintSettings>();
  return {
    settingsFor(path) {
      const active = path === undefined ? [] : scopes.filter(({ matches }) => matches.ignores(path));
      const key = active.map((one) => scopes.indexOf(one)).join(',');
      const known = made.get(key) ?? build(active);
      made.set(key, known);
      return known;
    },
    failureThreshold: last('failureThreshold') ?? 'info',
    noFail: last('noFail') ?? false,
    noColor: last('noColor') ?? false,
    verbose: last('verbose') ?? false,
    formats: sources.findLast(({ formats }) => formats && formats.length > 0)?.formats ?? [],
    warnings,
  };
}

/** Severities by code; of several the most severe, and leaving out counts more than any. */
interface Choices {
  ignored: Set<string>;
  severities: Map<string, Severity>;
}

function readChoices(sources: readonly LintSource[], read: (rule: NamedRule) => string | undefined): Choices {
  const choices: Choices = { ignored: new Set(), severities: new Map() };
  for (const { ignored = [], overrides = [] } of sources) {
    for (const rule of ignored) {
      const code = read(rule);
      if (code !== undefined) choices.ignored.add(code);
    }
    for (const { rule, severity } of overrides) {
      const code = read(rule);
      if (code === undefined) continue;
      choices.severities.set(code, moreSevere(choices.severities.get(code), severity));
    }
  }
  return choices;
}

function moreSevere(a: Severity | undefined, b: Severity): Severity {
  return a !== undefined && severityNames.indexOf(a) < severityNames.indexOf(b) ? a : b;
}

/** What slipway.yaml says of a code stands in for what hadolint's places say; the command line goes over both. */
function severitiesOf({
  below,
  above,
  own,
}: {
  below: Choices;
  above: Choices;
  own: ReadonlyMap<string, Severity | 'off'>;
}): Record<string, Severity | 'off'> {
  const result: Record<string, Severity | 'off'> = {};
  for (const [code, severity] of below.severities) result[code] = severity;
  for (const code of below.ignored) result[code] = 'off';
  for (const [code, choice] of own) result[code] = choice;
  for (const [code, severity] of above.severities) {
    const known = own.has(code) ? undefined : below.severities.get(code);
    if (own.has(code) || !below.ignored.has(code)) result[code] = moreSevere(known, severity);
  }
  for (const code of above.ignored) result[code] = 'off';
  return result;
}

function readOwn(
  { rules: choices, experimental }: ScopedConfig,
  rules: readonly RuleSummary[],
  read: (rule: NamedRule) => string,
): Map<string, Severity | 'off'> {
  const own = new Map<string, Severity | 'off'>();
  const find = (code: string) => rules.find((rule) => rule.code === code);
  if (experimental !== undefined)
    for (const rule of rules) if (rule.experimental) own.set(rule.code, experimental ? rule.severity : 'off');
  for (const { rule, choice } of choices as readonly RuleChoice[]) {
    const code = read(rule);
    own.set(code, choice === 'on' ? (find(code)?.severity ?? 'warning') : choice);
  }
  return own;
}

/** Codes of hadolint and ShellCheck that are not here are for rules that another release may have. */
function createCodeReader(rules: readonly RuleSummary[]): (rule: NamedRule) => string | SlipwayError {
  const known = new Map(rules.flatMap(({ code, name }) => [[code, code] as const, [name, code] as const]));
  return ({ name, place }) => {
    const code = known.get(name);
    if (code !== undefined || /^(?:DL|SC)\d{4}$/.test(name)) return code ?? name;
    const near = nearest(name, [...known.keys()]);
    return new SlipwayError(place ? 'ERR_SYNTAX' : 'ERR_USAGE', `there is no rule ${JSON.stringify(name)}`, {
      hint: near === undefined ? 'codes are as DL3008 or StageNameCasing' : `did you mean ${near}?`,
      place,
    });
  };
}
