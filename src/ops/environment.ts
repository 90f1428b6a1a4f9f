// What the ops need of the world, handed in by the engine.
import type { ContextOp, GitOp, HttpOp, ImageOp } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import type { Resources } from '../oci/resources.ts';
import type { LayerEntry, Runtime, Snapshotter, Tree } from '../seams.ts';
import type { Outcome } from '../solver/solve.ts';
import type { Result } from './result.ts';
import type { SharedFiles } from './shared-files.ts';

export interface ExecSettings {
  hostname: string;
  /** `name ip` pairs for /etc/hosts. */
  extraHosts: { name: string; ip: string }[];
  /** Content of /etc/resolv.conf. */
  resolvConf: string;
  shmSize: number | undefined;
  ulimits: { name: string; soft: number; hard: number }[];
  /** No part of any key. */
  resources?: Resources;
  cgroupParent?: string | undefined;
  /** A secret's bytes; undefined where it was not given. */
  secret(id: string): Promise<Buffer | undefined>;
  /** Serves an SSH agent at a socket until it is disposed of; undefined where none was given. */
  agent(
    id: string,
    socket: { path: string; uid: number; gid: number; mode: number },
  ): Promise<AsyncDisposable | undefined>;
}

/** An archive's files, and what of it can't be a file before it is known where they go. Paths begin with `/`, its root. */
export interface UnpackedArchive {
  tree: Tree;
  /** Directories that the archive leaves out, made for what lies in them. */
  implied: ReadonlySet<string>;
  /** Hard links to files that are not in the archive, in its order. */
  links: readonly { path: string; target: string; mode: number; uid: number; gid: number; mtime: bigint }[];
}

export interface CommitSettings {
  /** Is told what entries with a `source` hold. */
  onContent?: (source: string, digest: Digest) => void;
  /** Times of files may have been set on purpose: those that no run of this build has left by itself are part of the identity. */
  setsTimes?: boolean;
}

export interface OpEnvironment {
  snapshotter: Snapshotter;
  /** Chosen when the first step needs it. @throws ERR_RUNTIME_MISSING */
  runtime(): Promise<Runtime>;
  /** @throws ERR_PLATFORM where this machine can't run programs for the step's platform. */
  checkPlatform?(step: {
    root: Tree;
    argv: readonly string[];
    path: string;
    cwd: string;
    platform: Platform;
  }): Promise<void>;
  image(op: ImageOp, signal: AbortSignal): Promise<Result>;
  context(op: ContextOp, signal: AbortSignal): Promise<Result>;
  /** A tree with the one file that was fetched. */
  http(op: HttpOp, signal: AbortSignal): Promise<Result>;
  /** What a repository holds at the commit that its ref stands for now. */
  git(op: GitOp, signal: AbortSignal): Promise<Result>;
  /** Stores changes as a layer: the uncompressed tar, and both digests. */
  commit(entries: Iterable<LayerEntry>, signal: AbortSignal, options?: CommitSettings): Promise<Outcome>;
  /** Unpacks an archive (tar, compressed or not) into a new folder; undefined where the file is none. */
  unpackArchive(
    path: string | Buffer,
    signal: AbortSignal,
  ): Promise<(UnpackedArchive & AsyncDisposable) | undefined>;
  /** A folder for one step; it may have mount points of an earlier one. */
  scratch(): Promise<{ path: string } & AsyncDisposable>;
  /** What steps have in common, for as long as the build runs. */
  sharedFiles(): Promise<SharedFiles>;
  /** The folder of a cache mount, made where it is missing; held until disposed of as its sharing asks. */
  cacheMount(
    mount: { id: string; sharing: 'shared' | 'private' | 'locked'; mode: number; uid: number; gid: number },
    options: {
      fresh: boolean;
      /** Fills a new folder before anybody else has it. */
      seed?: ((folder: string) => Promise<void>) | undefined;
      signal: AbortSignal;
    },
  ): Promise<{ path: string } & AsyncDisposable>;
  exec: ExecSettings;
  onOutput(vertexID: string, stream: 'stdout' | 'stderr', data: Buffer): void;
  /** Milliseconds since 1970: when the build began. */
  started: number;
  now(): number;
}
