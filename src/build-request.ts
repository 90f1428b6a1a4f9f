// What a build is asked for and what it returns: plain data, shared by the engine and its users.
import type { Place } from './errors.ts';
import type { Descriptor } from './oci/descriptor.ts';
import type { Digest } from './oci/digest.ts';
import type { Platform } from './oci/platform.ts';

/** Where a result goes. `dest` is a path; `-` is a stream that the caller gives (`BuildRequest.stdout`). */
export type OutputSpec =
  /** The local image store, under the request's tags. */
  | { type: 'image' }
  /** An OCI layout: a tar file, or a folder with `tar: false`. */
  | { type: 'oci'; dest: string; tar: boolean; names: string[] }
  /** An archive for `docker load` that is an OCI layout, too. */
  | { type: 'docker'; dest: string; names: string[] }
  /** The files of the image, in a folder or a tar. */
  | { type: 'local'; dest: string }
  | { type: 'tar'; dest: string }
  | { type: 'cacheonly' };

/** A named context: a folder, an image, an OCI layout. `value` is as the user wrote it. */
export interface NamedContext {
  name: string;
  value: string;
}

export type SecretSource = { id: string } & ({ type: 'file'; path: string } | { type: 'env'; name: string });

export interface BuildRequest {
  /** The build context: a folder, or `-` (a tar or a Dockerfile on `stdin`). */
  context: string;
  /** `-f`: a path relative to the current folder, or `-`. Undefined: Dockerfile in the context. */
  dockerfile: string | undefined;
  target: string | undefined;
  /** Values of undefined are taken from `env`, and left unset where it has none. */
  buildArgs: Record<string, string | undefined>;
  buildContexts: NamedContext[];
  labels: Record<string, string>;
  tags: string[];
  /** Empty: the machine's own. */
  platforms: Platform[];
  outputs: OutputSpec[];
  noCache: boolean;
  /** Stages whose steps are run anew. */
  noCacheFilter: string[];
  pull: boolean;
  network: 'default' | 'host' | 'none';
  /** Entitlements: `network.host`, `security.insecure`. */
  allow: string[];
  secrets: SecretSource[];
  /** `--add-host`: `name:ip` or `name=ip`. */
  addHosts: string[];
  /** Bytes. */
  shmSize: number | undefined;
  ulimits: { name: string; soft: number; hard: number }[];
  /** The environment that build arguments without a value, SOURCE_DATE_EPOCH and secrets read. */
  env: Record<string, string | undefined>;
  /** The folder that relative paths start from. */
  cwd: string;
  stdin: AsyncIterable<Uint8Array> | undefined;
  stdout: NodeJS.WritableStream | undefined;
}

export interface StepStatistics {
  total: number;
  cached: number;
  ran: number;
}

export interface BuildResult {
  /** The image's own digest: of its config, as Docker names an image. */
  imageID: Digest;
  /** The manifest's, or the index's where several platforms were built. */
  descriptor: Descriptor;
  names: string[];
  steps: StepStatistics;
  /** What `--metadata-file` holds. */
  metadata: Record<string, unknown>;
}

/** `--call=outline`: what a target takes. */
export interface Outline {
  name: string;
  description: string;
  args: { name: string; description: string; value: string | undefined }[];
  secrets: { name: string; required: boolean }[];
  ssh: { name: string; required: boolean }[];
}

/** `--call=targets`. */
export interface TargetList {
  targets: { name: string; description: string; base: string; platform: string; default: boolean }[];
}

/** One thing that the build checks found. */
export interface CheckFinding {
  /** Name of the rule: docs/rules says what it is about. */
  rule: string;
  /** What the rule wants, in one sentence. */
  description: string;
  message: string;
  severity: 'error' | 'warning' | 'info' | 'style';
  place: Place;
}

/** `--check`. */
export interface CheckResult {
  /** In the order of the file. */
  findings: CheckFinding[];
  /** There are findings, and `check=error=true` makes them fail a build. */
  failed: boolean;
}
