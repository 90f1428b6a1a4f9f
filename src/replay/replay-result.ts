// The document of `slipway bench`: each rebuild of a history, with what hit, what missed, why, and what it cost. Plain data.
import type { CacheReport, ReportedStep } from '../explain/cache-report.ts';
import type { LayersReport } from '../inspect/layers-report.ts';

export type ReplayBuilder = 'slipway' | 'buildah' | 'docker';

/** Where results come from. `warm`: one state folder through all builds. `cold`: each begins with an empty one. */
export type ReplayRunner = 'warm' | 'cold';

/** What a build came after. */
export type ReplayChange =
  | {
      type: 'commit';
      /** The whole id. */
      id: string;
      subject: string;
      author: string;
      /** ISO 8601, of the commit. */
      time: string;
      /** Paths that differ from the commit before, relative to the repository; of the first one, none. */
      files: string[];
    }
  | {
      type: 'edit';
      /** As the list says it: `append src/app.js`; `first build` of the first one. */
      text: string;
      /** In the list; 0 of the first build. */
      line: number;
      files: string[];
    };

export interface ReplayBuild {
  change: ReplayChange;
  /** `foretold`: nothing was run. */
  outcome: 'done' | 'failed' | 'foretold';
  /** Why it failed; '' else. */
  error: string;
  /** From start to end of the builder's process; of a foretold one, those of its steps; null where no time is known. */
  seconds: number | null;
  /** Of the builder and all that it waited for, in seconds, user and system together; null where it is not known (a daemon's). */
  cpu: number | null;
  /** Peak resident set of the builder's own process, in bytes; null where it is not known. */
  peakMemory: number | null;
  /** `written`: of layers that steps made. */
  bytes: Omit<CacheReport['summary']['bytes'], 'read'>;
  hits: number;
  misses: number;
  /** Seconds that steps ran, and those that hits saved, as far as they are known. */
  stepSeconds: { ran: number; saved: number };
  /** Of `buildah` and `docker` only `name`, `outcome` and `seconds` are known; the rest is empty. */
  steps: ReportedStep[];
}

/** One Dockerfile over the whole history. */
export interface ReplayVariant {
  /** Unique: the path of the Dockerfile as given. */
  name: string;
  /** `history`: each commit's own file at this path. `fixed`: this one file for all. */
  origin: 'history' | 'fixed';
  /** The text that the last build was made of; '' where there is none yet. */
  dockerfile: string;
  /** In the order of the history: `builds[i]` of all variants are of one change. */
  builds: ReplayBuild[];
  /** Of the image that its last build that went well made, as `slipway layers` tells it. Not of what is only foretold, nor of other builders. */
  layers?: LayersReport;
}

export interface ReplayMachine {
  /** `linux/amd64`. */
  platform: string;
  kernel: string;
  cpu: string;
  cpus: number;
  /** Bytes. */
  memory: number;
  node: string;
  /** The builder's own word: `slipway 1.2.3`. */
  builder: string;
}

export interface ReplaySettings {
  /** As given. */
  context: string;
  /** `range` as given. */
  history: { type: 'commits'; range: string } | { type: 'edits'; file: string };
  builder: ReplayBuilder;
  runner: ReplayRunner;
  /** `local`, `none`, or `registry=REF`. */
  cache: string;
  /** Nothing was run: keys alone. */
  dry: boolean;
  /** Flags of the build, without the values of secrets and build arguments. */
  flags: string[];
}

/** A replay, whole or stopped. */
export interface ReplayResult {
  type: 'slipway-replay';
  version: 1;
  /** ISO 8601. */
  started: string;
  /** How many builds each variant is to have. */
  planned: number;
  settings: ReplaySettings;
  machine: ReplayMachine;
  variants: ReplayVariant[];
}
