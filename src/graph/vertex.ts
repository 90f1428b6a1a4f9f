// The nodes of a build graph: file-system work and what it reads. Everything else folds into the image config.
import type { Place } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';

/** Where an image comes from. */
export interface ImageOrigin {
  kind: 'registry' | 'oci-layout';
  /** In the source's own words: a registry reference, `path[:tag][@digest]`. */
  reference: string;
}

export interface ImageOp {
  type: 'image';
  origin: ImageOrigin;
  platform: Platform;
}

/** Files of the client: the build context ('' is the main one) or a named one. */
export interface ContextOp {
  type: 'context';
  name: string;
}

/** A file that ADD fetches. */
export interface HttpOp {
  type: 'http';
  url: string;
  checksum: string | undefined;
}

/** A Git repository that ADD fetches. */
export interface GitOp {
  type: 'git';
  /** May hold a login. */
  remote: string;
  ref: string | undefined;
  subdir: string;
  checksum: string | undefined;
  keepGitDir: boolean;
  submodules: boolean;
  mtime: 'checkout' | 'commit' | undefined;
}

/** A RUN --mount; `input` is an index into the vertex's inputs, or undefined for an empty root. */
export type ExecMount =
  | { type: 'bind'; target: string; source: string; input: number | undefined; readOnly: boolean }
  | {
      type: 'cache';
      target: string;
      id: string;
      sharing: 'shared' | 'private' | 'locked';
      readOnly: boolean;
      mode: number;
      uid: number;
      gid: number;
      source: string;
      input: number | undefined;
    }
  | { type: 'tmpfs'; target: string; readOnly: boolean; size: number }
  | {
      type: 'secret';
      id: string;
      /** Undefined: no file. */
      target: string | undefined;
      env: string | undefined;
      required: boolean;
      mode: number;
      uid: number;
      gid: number;
    }
  | {
      type: 'ssh';
      id: string;
      /** Undefined: below /run/buildkit. */
      target: string | undefined;
      required: boolean;
      mode: number;
      uid: number;
      gid: number;
    };

/** inputs[0] is the root; scratch where it is undefined. */
export interface ExecOp {
  type: 'exec';
  argv: string[];
  /** In order, each name once. */
  env: [string, string][];
  /** Reaches the process and no key. */
  proxyEnv: [string, string][];
  cwd: string;
  user: string;
  mounts: ExecMount[];
  network: 'default' | 'host' | 'none';
  security: 'sandbox' | 'insecure';
  /** A heredoc with a shebang: a file of this name below /dev/pipes. */
  script: { name: string; data: string } | undefined;
  platform: Platform;
}

export type CopySource =
  /** Paths of an input; wildcards allowed. `unpack` goes before the op's. */
  | { type: 'path'; input: number; path: string; unpack?: boolean | undefined }
  /** A heredoc. */
  | { type: 'inline'; name: string; data: string };

/** inputs[0] is the destination's root; scratch where it is undefined. */
export interface CopyOp {
  type: 'copy';
  sources: CopySource[];
  /** Absolute; a trailing slash means a directory. */
  destination: string;
  chown: string | undefined;
  chmod: string | undefined;
  link: boolean;
  parents: boolean;
  excludes: string[];
  /** Archives are unpacked: ADD of local files, or --unpack. */
  unpack: boolean;
}

/** WORKDIR. inputs[0] is the root. */
export interface MkdirOp {
  type: 'mkdir';
  path: string;
  user: string;
}

export type VertexOp = ImageOp | ContextOp | HttpOp | GitOp | ExecOp | CopyOp | MkdirOp;

export interface Vertex {
  /** Digest of the op and its inputs' ids: equal vertices are one. */
  id: Digest;
  op: VertexOp;
  inputs: (Vertex | undefined)[];
  /** `[build 2/4] RUN make`. */
  name: string;
  place: Place;
  /** Records are not read: --no-cache. */
  ignoreCache: boolean;
  /** What the user may have meant, should it fail. */
  suggestion?: string | undefined;
}
