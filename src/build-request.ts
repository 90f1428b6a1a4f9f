// What a build is asked for and what it returns: plain data, shared by the engine and its users.
import type { Place } from './errors.ts';
import type { Descriptor } from './oci/descriptor.ts';
import type { Digest } from './oci/digest.ts';
import type { Platform } from './oci/platform.ts';
import type { Resources } from './oci/resources.ts';

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
  /** `estargz`: gzip of which files can be fetched one by one. */
  compression?: Compression | 'estargz';
  /** 0 to 9 for gzip, 0 to 22 for zstd. */
  compressionLevel?: number;
  /** The base image's layers are compressed anew, too. */
  forceCompression?: boolean;
  /** False: Docker's media types. */
  ociMediaTypes?: boolean;
  /** With an epoch: later times in this build's layers become the epoch; `all`: earlier ones, too. */
  rewriteTimestamp?: boolean | 'all';
  /** Seconds since 1970, instead of SOURCE_DATE_EPOCH. */
  epoch?: number;
  annotations?: Annotation[];
  /** The manifest says, too, when the image was made. */
  createdAnnotation?: boolean;
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

/** The image goes to registries. */
export interface PushOptions {
  /** `registry.example.com/app:1`; left out: the request's tags. Those of `byDigest` have no tag. */
  names?: string[];
  /** Under its digest alone. */
  byDigest?: boolean;
  /** Certificates are not checked, and plain http will do. */
  insecure?: boolean;
}

/** Where a result goes. `dest` is a path; `-` is a stream that the caller gives (`BuildRequest.stdout`). */
export type OutputSpec =
  /**
   * The local image store, under the request's tags, and registries. `unpack`: its files, too, are made ready. `store: false`:
   * without names. `canonicalNames`: under `name@digest`, too. `danglingPrefix`: under `PREFIX@digest`, too.
   */
  | {
      type: 'image';
      unpack?: boolean;
      store?: boolean;
      canonicalNames?: boolean;
      danglingPrefix?: string;
      push?: PushOptions;
      options?: ImageOptions;
    }
  /** An OCI layout: a tar file, or a folder with `tar: false`. */
  | { type: 'oci'; dest: string; tar: boolean; names: string[]; options?: ImageOptions }
  /** The same for `docker load`; one platform. */
  | { type: 'docker'; dest: string; tar?: boolean; names: string[]; options?: ImageOptions }
  /** The files of the image, in a folder or a tar. `clean`: whatever else is in the folder is deleted. */
  | { type: 'local'; dest: string; clean?: boolean; options?: FileOptions }
  | { type: 'tar'; dest: string; options?: FileOptions }
  | { type: 'cacheonly' };

/** Where a shared cache lies. Paths are relative to the current folder. */
export type CachePlace =
  | { type: 'local'; path: string; tag: string; digest?: Digest }
  | { type: 'registry'; ref: string; insecure?: boolean }
  | {
      type: 's3';
      bucket: string;
      region: string;
      /** Stands before the names of all objects, `blobsPrefix` or `manifestsPrefix` after it. */
      prefix?: string;
      blobsPrefix?: string;
      manifestsPrefix?: string;
      /** Of the cache. An export writes it under each; an import takes the first. */
      names: string[];
      endpointURL?: string;
      usePathStyle?: boolean;
      accessKeyID?: string;
      secretAccessKey?: string;
      sessionToken?: string;
      /** Milliseconds: blobs that are needed and were written longer ago are marked as new, for rules that let them expire. */
      touchRefresh?: number;
      /** Parts of blobs that are held and sent at once. */
      uploadParallelism?: number;
    }
  | {
      /** GitHub Actions. */
      type: 'gha';
      /** Of the cache: others are not seen. */
      scope: string;
      /** Of the cache service, version 2; left out: `ACTIONS_RESULTS_URL`. */
      url?: string;
      /** Left out: `ACTIONS_RUNTIME_TOKEN`. */
      token?: string;
      /** Milliseconds that the index, a blob, or the end of an export may take; left out: 600,000. */
      timeout?: number;
    };

/** `--cache-from`. */
export interface CacheSource {
  place: CachePlace;
  /** False: RUN --mount=type=cache does not begin with what the cache has for it. */
  mounts?: boolean;
}

/** `--cache-to`. */
export type CacheTarget =
  /** Into the config of every image that the build makes. */
  | { type: 'inline' }
  | {
      type: 'place';
      place: CachePlace;
      /** `min`: layers of the result alone; of other steps only what they are known by. */
      mode: 'min' | 'max';
      /** The content of RUN --mount=type=cache, too. */
      mounts?: boolean;
      /** False: an index, for registries that know no other form. */
      imageManifest?: boolean;
      /** False: Docker's media types, which need the form of an index. */
      ociMediaTypes?: boolean;
      compression?: Compression;
      compressionLevel?: number;
      /** Layers that are there in another form are compressed anew. */
      forceCompression?: boolean;
      /** What goes wrong is a warning. */
      ignoreError?: boolean;
      /** What the place holds of other builds is left out. */
      reset?: boolean;
      /** Milliseconds: results that no build has needed for so long are left out; 14 days. */
      maxAge?: number;
      /** Bytes of layers: what was needed least recently is left out; 10 GiB. */
      maxSize?: number;
    };

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

/** `slipway.lock`: what references stood for. */
export interface LockRequest {
  /** Relative to the current folder; as messages name it. */
  file: string;
  /** `add`: what is there holds, what is new is added. `update`: all is asked for anew. `frozen`: nothing else is read. */
  mode: 'add' | 'update' | 'frozen';
}

/** How the image differs from what its steps came to. Other targets that are built on it see the steps. */
export interface ImageChanges {
  /** One layer instead of all that the build adds (`own`), or instead of all (`all`). */
  squash?: 'own' | 'all';
  /** The config says nothing of the steps. */
  omitHistory?: boolean;
  /** Names of variables that a container does not get. */
  unsetEnv?: string[];
  /** Keys of labels that the image does not have; those of the request stay. */
  unsetLabels?: string[];
}

export interface BuildRequest {
  /** The build context: a folder, or `-` (a tar or a Dockerfile on `stdin`). */
  context: string;
  /** `-f`: a path relative to the current folder, or `-`. Undefined: Dockerfile in the context. */
  dockerfile: string | undefined;
  target: string | undefined;
  /** A source policy of BuildKit's as JSON, and the file that it comes from. */
  sourcePolicy?: { file: string; text: string };
  /** What the first FROM names instead of what it says. */
  from?: string;
  /** Values of undefined are taken from `env`, and left unset where it has none. */
  buildArgs: Record<string, string | undefined>;
  buildContexts: NamedContext[];
  labels: Record<string, string>;
  tags: string[];
  /** Empty: the machine's own. */
  platforms: Platform[];
  outputs: OutputSpec[];
  changes?: ImageChanges;
  /** Left out: none. */
  attestations?: AttestationOptions;
  /** The repository that the context is a work tree of: `revision`, `source`, `localdir:context`. For provenance. */
  vcs?: Record<string, string>;
  /** The provenance in the result's metadata; left out: that of the image, where it has one. */
  metadataProvenance?: 'min' | 'max' | 'none';
  noCache: boolean;
  /** Shared caches, in the order in which they are asked. Left out: none. */
  cacheFrom?: CacheSource[];
  cacheTo?: CacheTarget[];
  /** What ran longer ago, in milliseconds, runs anew. Left out: the cache is good for ever. */
  cacheTTL?: number;
  /** Stages whose steps are run anew. */
  noCacheFilter: string[];
  pull: boolean;
  /** Nothing is asked of registries and servers: what is stored must do. */
  offline?: boolean;
  /** Left out: no lock file is read or written. */
  lock?: LockRequest;
  network: 'default' | 'host' | 'none';
  /** Entitlements: `network.host`, `security.insecure`. */
  allow: string[];
  secrets: SecretSource[];
  /** What becomes of a layer or a document that holds the value of a secret; left out: `error`, it is refused. */
  secretCheck?: 'error' | 'warn' | 'off';
  ssh: SshSource[];
  /** `--add-host`: `name:ip` or `name=ip`. */
  addHosts: string[];
  /** Bytes. */
  shmSize: number | undefined;
  ulimits: { name: string; soft: number; hard: number }[];
  /** Of each RUN alone. */
  resources?: Resources;
  /** Path of a cgroup within which each RUN has its own. */
  cgroupParent?: string | undefined;
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
