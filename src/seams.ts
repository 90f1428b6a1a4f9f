// Every replaceable part as an interface with its contract. Read this file first. Lookups return undefined for what is absent; opening or
// fetching something absent throws. Every long call takes a signal and rethrows `signal.reason` when aborted. What must be given back is AsyncDisposable.
import type { ImageConfig } from './oci/config.ts';
import type { Descriptor } from './oci/descriptor.ts';
import type { ChainID, DiffID, Digest } from './oci/digest.ts';
import type { Owner, StepOwners } from './oci/owner.ts';
import type { Platform } from './oci/platform.ts';
import type { Resources } from './oci/resources.ts';

// --- Trees: what COPY reads from and looks at -------------------------------------------------------------------

export type EntryType = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

/** One entry of a tree, itself and not what it links to. */
export interface TreeEntry extends Owner {
  type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  mode: number;
  /** Bytes; 0 unless a file. */
  size: number;
  /** Nanoseconds since 1970. */
  mtime: bigint;
  /** Of devices only. */
  major: number;
  minor: number;
  /** Names the file behind hard links: equal for two entries of one tree exactly if they are one file; '' where it has one name. */
  link: string;
}

/**
 * A file tree that is only read: a build context, or the merged layers of an image. Paths are clean and absolute (`/a/b`,
 * `/` is the root); no component but the last may be a symbolic link (tree/resolve.ts follows links). Names that are no
 * UTF-8 keep their bytes (fs/path-bytes.ts). Synchronous, because a sweep of many small calls is fastest that way.
 */
export interface Tree {
  lstat(path: string): TreeEntry | undefined;
  /** Names in `path`, sorted by code unit; empty where it is no directory. */
  readdir(path: string): string[];
  readlink(path: string): string;
  /** Where on the host the content of a file can be opened. */
  hostPath(path: string): string | Buffer;
  /** sha256 of a file's content; below, the same in steps, between which others may have their turn: for large files. */
  contentDigest(path: string): Digest;
  digestInSteps?(path: string): Generator<void, Digest, void>;
  /** Extended attributes that layers keep (`security.capability`), as raw bytes. */
  xattrs(path: string): Record<string, Buffer>;
  /** What `ask` answers, or answered before where nothing that it looked at here has changed. `question`: all that it depends on besides. */
  remembered?(question: string, ask: () => Generator<void, Digest, void>): Generator<void, Digest, void>;
}

// --- Content store -----------------------------------------------------------------------------------------------

export type BlobInfo = { digest: Digest; size: number };

/** Blobs by their digest. Content is verified as it streams in; a blob that is there is whole. Safe for several processes. */
export interface ContentStore {
  info(digest: Digest): Promise<BlobInfo | undefined>;
  /** The bytes, checked: the stream ends with ERR_DIGEST_MISMATCH where the disk lied. Each chunk is the receiver's. @throws ERR_BLOB_NOT_FOUND */
  open(digest: Digest): AsyncIterable<Buffer>;
  /** A whole small blob (manifest, config), verified. @throws ERR_BLOB_NOT_FOUND */
  read(digest: Digest): Promise<Buffer>;
  /**
   * Stores a stream. Idempotent: a normal return says the content is there, not that this call put it there.
   * @throws ERR_DIGEST_MISMATCH where the content is not what `expected` says; nothing is kept then.
   */
  ingest(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    expected?: { digest?: Digest; size?: number },
    signal?: AbortSignal,
  ): Promise<BlobInfo>;
  /** The path of a stored blob, for readers that need a file. */
  path(digest: Digest): string;
  remove(digest: Digest): Promise<void>;
}

// --- Images from elsewhere ---------------------------------------------------------------------------------------

/** An image that was resolved: its manifest and config are read and verified, its layers are not. */
export interface SourceImage {
  /** As given, normalised: `docker.io/library/busybox:latest`. */
  name: string;
  /** Of the manifest for the wanted platform. */
  descriptor: Descriptor;
  /** The digest that the reference itself stands for: the index's, where there is one. */
  resolved: Digest;
  manifest: { config: Descriptor; layers: Descriptor[]; annotations?: Record<string, string> };
  config: ImageConfig;
  /** The raw bytes of manifest and config, as they are stored. */
  raw: { manifest: Buffer; config: Buffer };
  /** Streams a layer as it is stored there, unverified: ContentStore.ingest verifies. */
  blob(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Where images come from: a registry, an OCI layout (`path[:tag][@digest]`), the local store. */
export interface ImageSource {
  /** @throws ERR_IMAGE_NOT_FOUND, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_BAD_IMAGE, ERR_DIGEST_MISMATCH */
  resolve(reference: string, platform: Platform, signal: AbortSignal): Promise<SourceImage>;
}

// --- Images to elsewhere -----------------------------------------------------------------------------------------

/** A blob to be stored elsewhere. */
export interface OutgoingBlob {
  descriptor: Descriptor;
  /** Opens the content from its start; asked for again where an upload has to begin anew, and not at all where nothing is sent. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Repositories that hold it already, as `registry/repository`; those on another registry are passed over. */
  mountFrom?: readonly string[];
}

/** One repository of a registry (distribution-spec): what is read of it and what is written to it. Safe under concurrency. */
export interface RemoteRepository {
  /** `docker.io/library/app`. */
  readonly name: string;
  /**
   * Returns where pushing is allowed, leaving nothing behind.
   * @throws ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY
   */
  checkPush(signal: AbortSignal): Promise<void>;
  blobExists(digest: Digest, signal: AbortSignal): Promise<boolean>;
  /** Does the least: nothing where it is there, a mount where another repository has it, else an upload, verified. */
  pushBlob(blob: OutgoingBlob, signal: AbortSignal): Promise<'present' | 'mounted' | 'uploaded'>;
  /** Under a tag or, without one, its digest. Its blobs must be there. */
  pushManifest(
    manifest: { bytes: Buffer; mediaType: string; tag?: string },
    signal: AbortSignal,
  ): Promise<Descriptor>;
  /** By tag or digest, verified against a digest; undefined where there is none. */
  readManifest(
    reference: string,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer; mediaType: string; digest: Digest } | undefined>;
  /** As it is stored there, unverified; survives connections that break. @throws ERR_BLOB_NOT_FOUND */
  openBlob(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

// --- Layers and snapshots ----------------------------------------------------------------------------------------

/** A layer of a result: how it is known, and its stored forms as far as known. */
export interface Layer {
  diffID: DiffID;
  /** Of the uncompressed tar; undefined where it has not been seen yet. */
  size: number | undefined;
  /** Compressed forms that are stored or can be fetched, best first. */
  blobs: Descriptor[];
}

/** One entry of a layer. Paths are relative (`etc/passwd`), in the layer's order. */
export type LayerEntry =
  | {
      kind: 'entry';
      path: string;
      stat: TreeEntry;
      /** Target of a symbolic link. */
      linkTarget: string;
      /** Path of an earlier entry of this layer that is the same file. */
      hardLinkTo: string | undefined;
      xattrs: Record<string, Buffer>;
      /** Where a file's bytes are: a host path, or the bytes. `source`: its path in the tree that it is copied from. */
      content: string | Buffer | Uint8Array | undefined;
      source?: string | undefined;
    }
  | Removal;

/** `whiteout`: the path of a lower layer is gone. `opaque`: nothing below `path` of lower layers is seen. */
export type Removal = { kind: 'whiteout'; path: string } | { kind: 'opaque'; path: string };

/** What a layer's tar holds, and where: known without unpacking it. */
export type IndexedEntry =
  | {
      kind: 'entry';
      /** `etc/passwd`; '' is the root. */
      path: string;
      /** Without `link`, which is known when layers are put together. */
      stat: TreeEntry;
      linkTarget: string;
      /** Path of the file that this is another name of. */
      hardLinkTo: string | undefined;
      xattrs: Record<string, Buffer>;
      /** Where a file's content begins in the uncompressed tar. */
      offset: number;
    }
  | Removal;

/** How a step's root is put together, inside the step's own mount namespace. */
export type RootFilesystem =
  | { type: 'directory'; path: string }
  | {
      type: 'overlay';
      /** Directory in which the lower names are relative, so that many fit in a mount's options. */
      base: string;
      /** Topmost first, relative to `base`. */
      lowers: string[];
      /** Absolute; undefined: read-only. */
      upper: string | undefined;
      work: string | undefined;
      options: string[];
      images?: readonly RootImage[];
    };

/** An EROFS image that a step mounts first, on the lower directory `folder`; as files (Linux 6.12), or by loop devices. Paths are absolute. */
export type RootImage = { folder: string; image: string; devices: readonly string[]; form: 'file' | 'loop' };

/** A stack of layers as files. */
export interface Snapshot {
  /** Undefined for no layers. */
  chainID: ChainID | undefined;
  tree: Tree;
  /** Read-only. */
  root: RootFilesystem;
}

/** What a step has just written and the stack below it, before its changes are packed into a layer. It has no name yet. */
export interface LiveSnapshot {
  tree: Tree;
  /** A new writable snapshot on top; its `commit` has to be told what is below by then. */
  prepare(): ActiveSnapshot;
}

/** A writable snapshot on `parent` that a step works on. Disposing of it without commit discards it. */
export interface ActiveSnapshot extends AsyncDisposable {
  root: RootFilesystem;
  parent: Tree;
  /** A directory whose entries are what the step adds: mount points made for it are removed here. */
  writable: string;
  /** What differs from the parent, sorted by path, parents of changed entries included. Read after the step ended; `hide` tells before at which paths something else will stand. */
  changes(signal: AbortSignal): Promise<Iterable<LayerEntry>>;
  hide?: ((paths: readonly string[]) => Promise<void>) | undefined;
  /** Says whose is what the step made, where there is one id alone: after it ended, before anything else. Undefined: the files tell. */
  own?: ((step: StepOwners) => void) | undefined;
  /** Lets others lie on it at once, after the step ended: the files stay where and as they are. Undefined where that can't be. */
  share(): LiveSnapshot | undefined;
  /** Keeps the files as the snapshot of parent + diffID; idempotent. `below`: the parent's layers, where it was a live one. */
  commit(diffID: DiffID, below?: readonly Layer[]): Promise<void>;
}

/** Layers as mountable files. Every method is safe under concurrency, also of processes. */
export interface Snapshotter {
  readonly name: string;
  /** Unpacks what is missing of the stack, lowest first. */
  view(layers: readonly Layer[], signal: AbortSignal): Promise<Snapshot>;
  /** The same tree, until it is disposed of; then a step that follows may get the very files. Undefined: `view` costs no more. */
  look?(layers: readonly Layer[], signal: AbortSignal): Promise<{ tree: Tree } & Disposable>;
  /** A new writable snapshot on top of the stack. */
  prepare(layers: readonly Layer[], signal: AbortSignal): Promise<ActiveSnapshot>;
  /** Something stored has proved damaged: what is open is not used for what is opened from now on. */
  refresh?(): void;
  /** Lets go of what was made to work in, and of what live snapshots were made of and became no layer: once nothing is at work. */
  release?(): void;
}

/** The uncompressed tar of a layer, wherever it is: stored, compressed, or still to be fetched. Verified against the diffID. */
export type OpenLayer = (layer: Layer, signal: AbortSignal) => AsyncIterable<Buffer>;

// --- Runtime -----------------------------------------------------------------------------------------------------

/** A mount inside the step's root. Targets are clean absolute paths without symbolic links; missing ones are made. */
export type StepMount =
  /** `source` is an absolute host path; a file or a directory. `movable`: steps alone need it, and may get the thing itself. */
  | { type: 'bind'; source: string; target: string; readonly: boolean; movable?: boolean }
  | { type: 'tmpfs'; target: string; size: number | undefined }
  /** A subpath of a root that is assembled for this mount; with an upper it is writable and its writes are discarded. */
  | { type: 'tree'; root: RootFilesystem; path: string; target: string; readonly: boolean };

export interface ProcessSpec extends Owner {
  argv: string[];
  /** `NAME=value`. */
  env: string[];
  cwd: string;
  /** Supplementary groups. */
  groups: number[];
}

export interface StepSpec {
  root: RootFilesystem;
  process: ProcessSpec;
  /** In the order in which they are mounted, after /proc, /sys and /dev. */
  mounts: StepMount[];
  hostname: string;
  network: 'default' | 'host' | 'none';
  /** `insecure`: all capabilities, no masks. */
  security: 'sandbox' | 'insecure';
  /** Bytes of /dev/shm; 64 MiB where undefined. */
  shmSize: number | undefined;
  ulimits: { name: string; soft: number; hard: number }[];
  /** The root can't be written to; mounts are as they say. */
  readonly?: boolean | undefined;
  /** What the step may use; with limits, or with a parent, it has a cgroup of its own. */
  resources?: Resources | undefined;
  /** Path of a cgroup, within which the step's is made; undefined: the builder's own. */
  cgroupParent?: string | undefined;
  /** A directory of this step's, on the host, for whatever the runtime writes; the caller removes it. It may have mount points of an earlier step. */
  scratch: string;
}

/** Sends a signal to the step's command, which is process 1: what it does not handle has no effect. */
export type SendSignal = (signal: NodeJS.Signals) => void;

export interface StepIO {
  onOutput(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** Asked after each chunk: nothing more of the stream comes before the promise is settled. */
  drained?(stream: 'stdout' | 'stderr'): Promise<void> | undefined;
  /** What the command may read; undefined: nothing. It is read ahead, and left when the command ends. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Called once, when the command is about to start. */
  onStart?(send: SendSignal): void;
}

/** Runs a process in a root of its own. Nothing of it is left when run() returns or the builder is killed; release() ends what waits for more. */
export interface Runtime {
  /** `runc`, `crun`, `sandbox`, `unshare`, `chroot`. */
  readonly name: string;
  /**
   * Resolves to the exit code; a signal n gives 128 + n, a program that is not there 127, one that can't be run 126.
   * @returns memoryLimitHit: a process of the step was killed at the limit of `resources`. links: as of StepOwners, where owners can't be set.
   * @throws ERR_RUNTIME where the runtime itself failed, or the limits can't be held.
   */
  run(
    step: StepSpec,
    io: StepIO,
    signal: AbortSignal,
  ): Promise<{ exitCode: number; memoryLimitHit?: boolean; links?: StepOwners['links'] }>;
  release?(): void;
}

// --- Cache -------------------------------------------------------------------------------------------------------

/** What went into a key, kept so that a miss can be explained: named parts, each a text or a tree of its own. */
export type KeyTree = { [name: string]: string | KeyTree };

/** The outcome of a step, found by its key. */
export interface CacheRecord {
  /** Digest of the step's changes without times: the identity of what it did. */
  content: Digest;
  diffID: DiffID;
  /** Of the uncompressed tar. */
  size: number;
  /** ISO 8601, when the step ran and first made this. */
  created: string;
  /** When it last ran and made the same; left out where that is `created`. */
  ran?: string;
  /** How long the step ran. */
  seconds: number;
  /** The step in the user's words. */
  description: string;
  tree: KeyTree;
  /** Every key that led to this result when it was recorded. */
  also?: readonly Digest[];
  /** The shared cache that it was found in; left out for records of the state folder. */
  source?: string;
}

/** Records by key. The first writer of a key wins, unless `replace` is set. */
export interface CacheIndex {
  lookup(key: Digest): Promise<CacheRecord | undefined>;
  /** Returns the record that is kept. */
  record(key: Digest, record: CacheRecord, options?: { replace?: boolean }): Promise<CacheRecord>;
  /** Runs `work` while no other process holds `name`. */
  exclusive<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Holds `name` until disposed of; undefined at once where somebody holds it or waits for it. */
  tryExclusive(name: string): Disposable | undefined;
  /** Says, to every process, that records with these partial keys are there or on their way. */
  expect(partials: readonly Digest[]): Promise<void>;
  /** False where no record has a key with this partial key, and none was announced. */
  mayHave(partial: Digest): Promise<boolean>;
}

/** A cache that several machines share: one document under a name, and blobs that it leads to. Safe under concurrency. */
export interface CacheRemote {
  /** As the progress calls it: `registry.example.com/app:cache`, `s3://bucket/prefix/app`, a folder. */
  readonly name: string;
  /** The repository of its blobs, as `registry/repository`, where they lie in one. */
  readonly repository?: string | undefined;
  /** The document; undefined where there is none yet. @throws ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_STORE */
  read(signal: AbortSignal): Promise<{ bytes: Buffer; mediaType: string; digest: Digest } | undefined>;
  /** A document that the first leads to, by its digest, verified. */
  readByDigest(
    descriptor: Descriptor,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer; mediaType: string } | undefined>;
  /** Whether a blob that the document leads to is still there, where such may go by themselves; left out: all are. */
  has?(descriptor: Descriptor, signal: AbortSignal): Promise<boolean>;
  /** A blob that a document leads to, as it is stored there, unverified. @throws ERR_BLOB_NOT_FOUND */
  open(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Does the least: nothing where it is there. What is sent is verified. */
  write(blob: OutgoingBlob, signal: AbortSignal): Promise<'present' | 'mounted' | 'uploaded'>;
  /**
   * Puts a document under the name, its blobs being there, unless it stands for something else than `base` by now:
   * then nothing is written, and the answer is false.
   */
  commit(
    document: { bytes: Buffer; mediaType: string },
    base: Digest | undefined,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Gives back what was written and is led to by no document, where that is known. */
  discard?(): Promise<void>;
}
