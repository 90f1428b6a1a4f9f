// What one place says of how to lint: the environment, a config file, the command line.
import type { Place } from '../../errors.ts';
import type { LabelType, LintSettings } from '../settings.ts';

export const slipwayConfigNames = ['slipway.yaml', 'slipway.yml'];
export const severityNames = ['error', 'warning', 'info', 'style'] as const;
export const thresholds = [...severityNames, 'ignore', 'none'] as const;
export const labelTypes: readonly LabelType[] = [
  ...['text', 'url', 'email', 'hash', 'semver', 'spdx', 'rfc3339'],
] as LabelType[];

export type Threshold = (typeof thresholds)[number];

/** A word that should be the code or the name of a rule. */
export interface NamedRule {
  name: string;
  place?: Place | undefined;
}

/** What was not said is absent. */
export interface LintSource {
  /** Of several places all count. */
  ignored?: NamedRule[] | undefined;
  /** Of several severities the most severe counts. */
  overrides?: { rule: NamedRule; severity: (typeof severityNames)[number] }[] | undefined;
  trustedRegistries?: string[] | undefined;
  labelSchema?: Record<string, LabelType> | undefined;
  strictLabels?: boolean | undefined;
  /** Seconds. */
  slowStep?: number | undefined;
  noPragmas?: boolean | undefined;
  failureThreshold?: Threshold | undefined;
  noFail?: boolean | undefined;
  noColor?: boolean | undefined;
  verbose?: boolean | undefined;
  formats?: string[] | undefined;
  compat?: LintSettings['compat'];
  shellcheck?: boolean | undefined;
}

/** What is strange about a config and stops nothing. */
export interface ConfigWarning {
  message: string;
  hint: string | undefined;
  place: Place | undefined;
}
