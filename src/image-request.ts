// What the work on stored images is asked for and returns: plain data, shared by the engine and its users.
import type { ImageConfig } from './oci/config.ts';
import type { Descriptor } from './oci/descriptor.ts';
import type { Digest } from './oci/digest.ts';
import type { Platform } from './oci/platform.ts';

/** Images are named by a name, `NAME@DIGEST`, or an ID or digest, which may be cut short where it stays unique. */
export interface ImageFilter {
  /** True: only images without a name; false: only those with one. */
  dangling?: boolean;
  /** `key`, `key=value`; all must hold. */
  labels?: string[];
  /** Made before, or after, this image. */
  before?: string[];
  since?: string[];
  /** Patterns as `*busybox:1.*`; one must fit. */
  references?: string[];
  /** Made before this time; milliseconds since 1970. */
  until?: number;
}

export interface ImageSummary {
  /** The config's digest, or the index's where there are several platforms. */
  id: Digest;
  /** Of the manifest or index. */
  descriptor: Descriptor;
  /** In full, sorted; empty: dangling. */
  names: string[];
  /** ISO 8601. */
  created: string | undefined;
  /** Bytes of its layers, unpacked as far as that is known. */
  size: number;
  labels: Record<string, string>;
  platforms: Platform[];
}

export interface LayerHistory {
  created: string | undefined;
  createdBy: string;
  comment: string;
  /** Bytes of the uncompressed layer; of the stored form where that is not known. */
  size: number;
  empty: boolean;
}

export interface ImageHistory {
  id: Digest;
  names: string[];
  /** Newest first. */
  entries: LayerHistory[];
}

export interface ImageDetails extends ImageSummary {
  config: ImageConfig;
  platform: Platform;
  /** Of the platform's manifest. */
  manifest: Descriptor;
}

export interface RemoveRequest {
  images: string[];
  /** Also where an ID has several names; what is not there is no error. */
  force: boolean;
  /** Only the names go. */
  keepBlobs: boolean;
}

export interface RemovedImage {
  /** Names that were taken away, in full. */
  untagged: string[];
  /** Images and blobs that were deleted, images first. */
  deleted: Digest[];
}

export interface RemoveResult {
  removed: RemovedImage[];
  /** What was asked for and failed, in order. */
  failures: { image: string; error: unknown }[];
}

export type ArchiveFormat = 'docker-archive' | 'oci-archive' | 'docker-dir' | 'oci-dir';

export interface SaveRequest {
  images: string[];
  format: ArchiveFormat;
  /** A path, or `-` for `stdout`. */
  dest: string;
  /** One platform of images that have several; left out: all of them. */
  platform: Platform | undefined;
  cwd: string;
  stdout: NodeJS.WritableStream | undefined;
}

export interface LoadRequest {
  /** A file, a folder with an OCI layout, or a stream. */
  source: { path: string } | { stream: AsyncIterable<Uint8Array> };
  platform: Platform | undefined;
  cwd: string;
}

export interface LoadedImage {
  /** In full; undefined where the archive gives it none. */
  name: string | undefined;
  id: Digest;
  descriptor: Descriptor;
}

export interface ImportRequest {
  source: { path: string } | { stream: AsyncIterable<Uint8Array> };
  /** Undefined: the image gets no name. */
  name: string | undefined;
  /** Instructions as a Dockerfile has them. */
  changes: string[];
  message: string;
  platform: Platform | undefined;
  cwd: string;
}

export interface ExportRequest {
  image: string;
  /** A path, or `-` for `stdout`. */
  dest: string;
  platform: Platform | undefined;
  cwd: string;
  stdout: NodeJS.WritableStream | undefined;
}

export interface PullRequest {
  name: string;
  /** Every tag of the repository. */
  allTags: boolean;
  /** Left out: this machine's. */
  platform?: Platform;
  /** The whole index, with the images of all its platforms. */
  allPlatforms: boolean;
}

export interface PulledImage {
  /** In full. */
  name: string;
  /** What the name stood for: an index's digest where there is one. */
  resolved: Digest;
  /** Of what was stored. */
  descriptor: Descriptor;
  /** The store did not have it under this name. */
  isNew: boolean;
}

export interface PushRequest {
  name: string;
  /** Every tag of the repository that is stored. */
  allTags: boolean;
  /** One platform of an image that has several. */
  platform?: Platform;
  /** Another name to push it under. */
  destination?: string;
  /** Takes the name away here when it is pushed. */
  purge?: boolean;
}

export interface PushedImage {
  /** In full. */
  name: string;
  descriptor: Descriptor;
}

export interface CopyRequest {
  /** References of registries. */
  source: string;
  destination: string;
  /** Left out: all that there are. */
  platform?: Platform;
}

/** An image of a registry that goes into an index. */
export interface CombineSource {
  reference: string;
  /** What the index says of it, instead of what the image does. */
  entry?: { platform?: Platform; annotations?: Record<string, string> };
}

/** A note in an index, or in its entries: all, or those for a platform. */
export interface EntryAnnotation {
  type: 'index' | 'manifest-descriptor';
  platform?: Platform;
  key: string;
  value: string;
}

export interface CombineRequest {
  sources: CombineSource[];
  /** Where it is pushed. */
  tags: string[];
  annotations: EntryAnnotation[];
  /** Empty: all that there are. */
  platforms: Platform[];
  /** One image alone becomes an index, too. */
  preferIndex: boolean;
  /** Nothing is pushed. */
  dryRun: boolean;
}

export interface CombinedImage {
  /** In full. */
  names: string[];
  descriptor: Descriptor;
  bytes: Buffer;
}

/** What a registry says of a name. */
export interface RemoteDescription {
  /** In full. */
  name: string;
  descriptor: Descriptor;
  bytes: Buffer;
  /** Entries of an index; empty for an image. */
  manifests: Descriptor[];
  /** The configs of its images, less attestations. */
  images: { platform: Platform | undefined; config: Record<string, unknown> }[];
}

export interface LoginResult {
  /** A file, or a credential helper. */
  keptIn: string;
  /** False: the registry let us in without it. */
  needed: boolean;
}

/** What takes up the disk. */
export type UsageType =
  | 'image'
  | 'layer'
  | 'base'
  | 'record'
  | 'snapshot'
  | 'cachemount'
  | 'git'
  | 'http'
  | 'context'
  | 'build'
  | 'unreferenced'
  | 'temporary'
  | 'other';

export interface UsageItem {
  id: string;
  type: UsageType;
  description: string;
  /** Bytes on disk: blocks, not lengths. */
  size: number;
  /** Milliseconds since 1970. */
  lastUsed: number;
  /** Made for an image that has a name: it goes with `all` alone. */
  shared: boolean;
  /** A build that runs may need it. */
  inUse: boolean;
  /** A prune without further wishes would delete it. */
  reclaimable: boolean;
}

export interface DiskUsage {
  items: UsageItem[];
  /** Bytes on disk of the whole state folder. */
  total: number;
  reclaimable: number;
  /** Bytes of the items by form: what layers take as tars and compressed. */
  plainLayers: number;
  compressedLayers: number;
}

export interface PruneRequest {
  /** Also what is shared with named images, as far as it can be made again from them. */
  all: boolean;
  /** Only what was last used before this time; milliseconds since 1970. */
  until?: number;
  /** Only images without a name that have these labels: `key`, `key=value`. */
  labels?: string[];
  /** Only these kinds. */
  types?: UsageType[];
  /** Bytes; oldest items go until the cache takes no more than this. */
  maxUsedSpace?: number;
  /** Bytes that the cache may always take. */
  reservedSpace?: number;
  /** Bytes; oldest items go until so much of the disk is free. */
  minFreeSpace?: number;
  /** Only say what would go. */
  dryRun?: boolean;
}

export interface PruneResult {
  items: UsageItem[];
  /** Bytes. */
  reclaimed: number;
}

/** An entry of a manifest list, or what to say of it. */
export interface ListAnnotation {
  os?: string;
  architecture?: string;
  variant?: string;
  osVersion?: string;
  osFeatures?: string[];
  annotations?: Record<string, string>;
}

/** An image that is looked into: also `oci-archive:PATH[:TAG]`, `docker-archive:PATH`, `oci:FOLDER`, `oci-layout://`, and `docker-image://NAME`, which is fetched where it is not here. */
export interface LayersRequest {
  image: string;
  /** Left out: this machine's, or the only one. */
  platform: Platform | undefined;
  /** How many of each list are named. */
  top: number;
  /** Whether each layer tells every path that it changed. */
  files: boolean;
  cwd: string;
}

/** Images as for LayersRequest; `IMAGE#N` is one after its first N layers. */
export interface DiffRequest {
  before: string;
  after: string;
  platform: Platform | undefined;
  /** Whether files that differ in their times alone are told. */
  times: boolean;
  /** Whether the contents of changed texts are wanted. */
  texts: boolean;
  cwd: string;
}

/** What a state folder is made of, as a check of it counts it. */
export type StorePart =
  | 'format'
  | 'blobs'
  | 'images'
  | 'bases'
  | 'downloads'
  | 'layers'
  | 'records'
  | 'builds'
  | 'snapshots'
  | 'contexts'
  | 'git'
  | 'cache mounts'
  | 'locks'
  | 'temporary'
  | 'machine';

export interface StoreCheckRequest {
  /** Sizes and times alone: no content is read that is larger than a document. */
  quick: boolean;
  /** Removes what is damaged, so that it is made or fetched again, and what the dead have left. */
  repair: boolean;
}

export interface StoreFinding {
  part: StorePart;
  /** `damage`: it is not what it should be. `leftover`: a killed process left it; it is in nobody's way, and the next build clears it. */
  kind: 'damage' | 'leftover';
  /** In the state folder where it lies there, else absolute. */
  path: string;
  /** What is wrong with it, to follow its name: `is cut short: 3 of 500 bytes`. */
  what: string;
  /** What a repair does, or what somebody has to do. */
  remedy: string;
  repaired: boolean;
}

export interface StoreReport {
  root: string;
  /** Nothing is damaged, or no longer. */
  sound: boolean;
  quick: boolean;
  /**
   * `absent`: of images and records, layers that are in no form here, and are fetched or made when they are needed.
   * `bytes`: of contents that were read and compared.
   */
  checked: { part: StorePart; count: number; absent?: number; bytes?: number }[];
  findings: StoreFinding[];
  /** Further findings that are not listed. */
  more: number;
}
