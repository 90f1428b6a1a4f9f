// Bake files, as text, to what is built: the one door of this folder. The parts are loaded when it is used.
import type { Place } from '../errors.ts';
import type { BakedDockerfile } from './inline-dockerfiles.ts';
import type { JobOptions } from './jobs/job.ts';
import type { RemoteDefinition } from './remote-definition.ts';

export type { BakedDockerfile } from './inline-dockerfiles.ts';
export type { JobEngine, JobOptions } from './jobs/job.ts';

export interface BakeFile {
  /** As the user would name it; `-` for standard input. Its ending tells the format. */
  name: string;
  text: string;
}

export type { RemoteDefinition } from './remote-definition.ts';

export interface BakeInput {
  /** In the order in which they are merged: later ones win. */
  files: readonly BakeFile[];
  /** Targets and groups, also patterns of them; empty: `default`. */
  names: readonly string[];
  /** `--set`: `TARGET.KEY[+]=VALUE`. */
  overrides: readonly string[];
  /** `--var`: goes before the environment. */
  vars: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string | undefined>>;
  /** The text of the file .env, which Compose files read; undefined where there is none. */
  dotEnv: string | undefined;
  /** `linux/amd64`: BAKE_LOCAL_PLATFORM. */
  localPlatform: string;
  /** Milliseconds since 1970: what timestamp() gives. */
  now: number;
  /** Left out: paths in the files are of the current folder. */
  remote?: RemoteDefinition | undefined;
  /** BAKE_CMD_CONTEXT; left out: `cwd://`. */
  commandContext?: string | undefined;
}

/** An attribute of a target as the flags of a build: `['--build-arg', 'VERSION=1']`. */
export interface BakeSetting {
  /** The attribute's name. */
  key: string;
  place: Place | undefined;
  flags: string[];
}

export interface BakeTarget {
  name: string;
  place: Place | undefined;
  context: string;
  contextPlace: Place | undefined;
  /** Relative to the context, unless that is a folder's; undefined with a Dockerfile of its own. */
  dockerfile: string | undefined;
  /** The Dockerfile is one of the current folder, and the context is not. */
  isLocalDockerfile: boolean;
  /** The text of `dockerfile-inline`. */
  inline: string | undefined;
  /** Where that is written. */
  inlinePlace: Place | undefined;
  settings: BakeSetting[];
  /** Contexts that are other targets. */
  links: { context: string; target: string }[];
  /** Only another target's context: nothing is exported. */
  linked: boolean;
  /** What must be allowed for it: `network.host`, `security.insecure`. */
  entitlements: { name: string; place: Place | undefined }[];
}

export interface BakePlan {
  targets: BakeTarget[];
  /** What `--print` shows. */
  print(): string;
}

export interface BakeListing {
  targets: { name: string; description: string }[];
  variables: { name: string; type: string; value: string; description: string }[];
}

/** @throws ERR_SYNTAX, ERR_EXPANSION, ERR_UNKNOWN_TARGET, ERR_UNSUPPORTED, ERR_USAGE, with places where they lie in files */
export async function readBake(input: BakeInput): Promise<BakePlan> {
  const { planBake } = await import('./plan-bake.ts');
  return planBake(input);
}

/** The Dockerfiles of all targets, those that stand in the files with their places there. @throws as readBake */
export async function readBakedDockerfiles(input: BakeInput): Promise<BakedDockerfile[]> {
  const { readInlineDockerfiles } = await import('./inline-dockerfiles.ts');
  return readInlineDockerfiles(input);
}

/** The jobs of a plan as the YAML of an engine that runs them. @throws ERR_USAGE, ERR_BAD_REFERENCE */
export async function printJobs(plan: Pick<BakePlan, 'targets'>, options: JobOptions): Promise<string> {
  const { formatJobs } = await import('./jobs/format-jobs.ts');
  return formatJobs(plan, options);
}

/** What the files define. @throws as readBake */
export async function listBake(input: BakeInput): Promise<BakeListing> {
  const { listDefinitions } = await import('./plan-bake.ts');
  return listDefinitions(input);
}
