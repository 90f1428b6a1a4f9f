// What a user may set for the linter, as data. Where it comes from (flags, files, the environment) is not known here.
import type { ImageConfig } from '../oci/config.ts';
import type { Platform } from '../oci/platform.ts';
import type { Severity } from './rule.ts';

/** What the value of a label has to be. */
export type LabelType = 'text' | 'url' | 'email' | 'hash' | 'semver' | 'spdx' | 'rfc3339';

/** Asked only by rules that need it, and nothing is read before. */
export interface StepHistory {
  /** Of the newest build that knows the step. @param name as runName and copyName of the graph give it */
  find(name: string): RecordedStep | undefined;
}

export interface RecordedStep {
  /** How long it ran. */
  seconds: number;
  /** How many files a COPY read; undefined: not known. */
  files(): number | undefined;
}

export interface LintSettings {
  /** Reports what that linter reports, where it reports it, and nothing else. */
  compat?: 'hadolint' | 'buildkit' | undefined;
  /** Of two rules that say the same, the one of this family is reported; `hadolint` where left out. */
  prefer?: 'hadolint' | 'buildkit' | undefined;
  /** By code; `off` leaves a rule out. Also turns on rules that are off by default. */
  severities?: Readonly<Record<string, Severity | 'off'>> | undefined;
  /** False: nobody wants fixes, and none are made. */
  fixes?: boolean | undefined;
  /** ShellCheck's findings of shell code, too. */
  shellcheck?: boolean | undefined;
  /** Comments that leave rules out count for nothing. */
  noPragmas?: boolean | undefined;
  /** Registries that FROM may use: a name, `*` at its front or its end. Empty: all of them. */
  trustedRegistries?: readonly string[] | undefined;
  /** Labels that each image should have, and what they hold. */
  labelSchema?: Readonly<Record<string, LabelType>> | undefined;
  /** Labels outside of the schema are wrong. */
  strictLabels?: boolean | undefined;
  /** Patterns of the ignore file, as readIgnorePatterns gives them. */
  ignorePatterns?: readonly string[] | undefined;
  buildArgs?: Record<string, string> | undefined;
  /** What is known of base images, by imageKey(op); asked for images that no stage is. */
  bases?: { get(key: string): { config: ImageConfig } | undefined } | undefined;
  /** What builds of this file noted of its steps. */
  history?: StepHistory | undefined;
  /** From so many seconds on a step is slow; 10 where left out. */
  slowStep?: number | undefined;
  /** For which the file is read as a build would; linux/amd64 where left out. */
  platform?: Platform | undefined;
}
