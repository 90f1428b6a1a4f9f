// What a build is asked for and what it returns: plain data, shared by the engine and its users.
import type { Place } from './errors.ts';
import type { Descriptor } from './oci/descriptor.ts';
import type { Digest } from './oci/digest.ts';
import type { Platform } from './oci/platform.ts';

/** Forms of layers. */
export type Compression = 'gzip' | 'zstd' | 'uncompressed';

/** A note at one of four places: in a manifest, in the index, on the descriptor of a manifest or of the index. */
export interface Annotation {
  type: 'manifest' | 'index' | 'manifest-descriptor' | 'index-descriptor';
  /** Undefined: every platform. Of manifests and their descriptors only. */
  platform?: Platform;
  key: string;
  value: string;
}

/** What outputs that are images take besides. Left out: OCI media types, base layers as they are, new layers as gzip, times kept. */
export interface ImageOptions {
  compression?: Compression;
  /** 0 to 9 for gzip, 0 to 22 for zstd. */
  compressionLevel?: number;
  /** The base image's layers are compressed anew, too. */
  forceCompression?: boolean;
  /** False: Docker's media types. */
  ociMediaTypes?: boolean;
  /** With an epoch: later times in this build's layers become the epoch. */
  rewriteTimestamp?: boolean;
  /** Seconds since 1970, instead of SOURCE_DATE_EPOCH. */
  epoch?: number;
  annotations?: Annotation[];
  /** Attestations are stored as OCI artifacts that name the image as their subject. */
  ociArtifact?: boolean;
  /** False: provenance that is `inlineOnly` stays out of this output. */
  inlineAttestations?: boolean;
}

/** What outputs that are files take besides. With an epoch, every file has that time. */
export interface FileOptions {
  /** Whether each platform has a folder of its own; left out: where there are several. */
  platformSplit?: boolean;
  /** Seconds since 1970, instead of SOURCE_DATE_EPOCH. */
  epoch?: number;
  /** Stands before the names of attestations' files. */
  attestationPrefix?: string;
}

/** Where a result goes. `dest` is a path; `-` is a stream that the caller gives (`BuildRequest.stdout`). */
export type OutputSpec =
  /** The local image store, under the request's tags. `unpack`: its files, too, are made ready. `store: false`: without names. */
  | { type: 'image'; unpack?: boolean; store?: boolean; options?: ImageOptions }
  /** An OCI layout: a tar file, or a folder with `tar: false`. */
  | { type: 'oci'; dest: string; tar: boolean; names: string[]; options?: ImageOptions }
  /** The same for `docker load`; one platform. */
  | { type: 'docker'; dest: string; tar?: boolean; names: string[]; options?: ImageOptions }
  /** The files of the image, in a folder or a tar. `clean`: whatever else is in the folder is deleted. */
  | { type: 'local'; dest: string; clean?: boolean; options?: FileOptions }
  | { type: 'tar'; dest: string; options?: FileOptions }
  | { type: 'cacheonly' };

/** How a build was made, as SLSA provenance. */
export interface ProvenanceOptions {
  /** `min` leaves out the values of build arguments, labels, the names of secrets, and the steps. */
  mode: 'min' | 'max';
  /** Of SLSA. */
  version: 'v1' | 'v0.2';
  /** A URI that says who builds. */
  builderID?: string;
  /** What the provenance claims; nothing checks it. */
  reproducible?: boolean;
  /** Beside images only: outputs that are files get none. */
  inlineOnly?: boolean;
  /** In outputs that are files; left out: provenance.json. */
  filename?: string;
}

/** What is said of a result, beside it: an image becomes an index with an attestation manifest for each platform. */
export interface AttestationOptions {
  provenance?: ProvenanceOptions;
  /** The packages in the image, as an SPDX document. */
  sbom?: boolean;
}

/** A named context: a folder, an image, an OCI layout. `value` is as the user wrote it. */
export interface NamedContext {
  name: string;
  value: string;
}

export type SecretSource = { id: string } & ({ type: 'file'; path: string } | { type: 'env'; name: string });

/** `--ssh`: an agent's socket, or private keys; without paths the agent at SSH_AUTH_SOCK of `env`. */
export interface SshSource {
  id: string;
  paths: string[];
}

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
  /** Left out: none. */
  attestations?: AttestationOptions;
  noCache: boolean;
  /** What ran longer ago, in milliseconds, runs anew. Left out: the cache is good for ever. */
  cacheTTL?: number;
  /** Stages whose steps are run anew. */
  noCacheFilter: string[];
  pull: boolean;
  network: 'default' | 'host' | 'none';
  /** Entitlements: `network.host`, `security.insecure`. */
  allow: string[];
  secrets: SecretSource[];
  ssh: SshSource[];
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
  /** The image's own digest: of its config, as Docker names an image, or of the index over several platforms. */
  imageID: Digest;
  /** The manifest's, or the index's where several platforms were built; undefined where no output is an image. */
  descriptor: Descriptor | undefined;
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
