// The jobs that a bake is cut into, as every engine runs them: a build for each target and platform, then one that merges.
import type { BakeTarget } from '../read-bake.ts';

export type JobEngine = 'github' | 'gitlab' | 'kubernetes';

export interface JobOptions {
  engine: JobEngine;
  /** What every job's `slipway bake` gets of this command line: files, variables, changes, rights. */
  words: readonly string[];
  /** Labels of the runners that are native, by platform: `linux/arm64`. */
  runners: ReadonlyMap<string, string>;
  /** The repository that caches go to; undefined: that of the target's first tag. */
  cache: string | undefined;
  /** A container image with slipway in it, for engines whose jobs run in one. */
  image: string | undefined;
  /** The Git repository that is built, `URL[#REF]`: of engines that check out nothing by themselves. */
  source: string | undefined;
  /** Of the slipway that jobs install. */
  version: string;
}

/** One tag of a target, and where the digests for it are pushed. */
export interface JobTag {
  /** `registry.example.com/app:1.0`, as in the bake file. */
  name: string;
  /** Without the tag. */
  repository: string;
}

export interface BuildJob {
  /** `build-app-linux-arm64`: letters, digits and dashes. */
  id: string;
  target: string;
  /** Undefined: the target names none. */
  platform: string | undefined;
  /** Ids of jobs whose results this one finds in the cache. */
  needs: string[];
  /** What the platform's image is pushed to; empty: its tags are its own. */
  repositories: string[];
  /** Holds the digest that was pushed: `DIGEST_APP_LINUX_ARM64`. */
  variable: string;
  cache: { to: string; from: string[] } | undefined;
}

export interface MergeStep {
  target: string;
  tags: JobTag[];
  /** The jobs whose digests are merged, in the order of the target's platforms. */
  builds: BuildJob[];
}

export interface JobPlan {
  builds: BuildJob[];
  /** Targets of several platforms. */
  merges: MergeStep[];
  /** Hosts that jobs log in to. */
  registries: string[];
}

export interface PlannedTarget extends Pick<BakeTarget, 'name' | 'place' | 'settings' | 'links' | 'linked'> {}
