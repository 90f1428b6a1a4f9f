// What a bake is asked for and what it returns: several builds that share one graph.
import type { BuildRequest, BuildResult, StepStatistics } from './build-request.ts';
import type { Place } from './errors.ts';

export interface BakeTargetRequest {
  name: string;
  request: BuildRequest;
  /** Named contexts that are what another target of the bake comes to. */
  links: { context: string; target: string }[];
  /** Where the target is defined: errors that have no place of their own get it. */
  place?: Place | undefined;
}

export interface BakeRequest {
  targets: BakeTargetRequest[];
}

export interface BakeResult {
  /** In the order of the request. Each target's `steps` are those of the whole bake. */
  targets: { name: string; result: BuildResult }[];
  steps: StepStatistics;
}

/** Files to read from a context that is a URL. */
export interface ContextFilesRequest {
  /** Its context, secrets, lock and `offline` count. */
  request: BuildRequest;
  paths: string[];
}

/** In the order of the paths, undefined for what is not there; or the one file that the URL is. */
export type ContextFiles =
  | { kind: 'git' | 'archive'; texts: (string | undefined)[] }
  | { kind: 'file'; text: string };
