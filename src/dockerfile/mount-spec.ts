// What RUN --mount asks for, one type of mount each, with all defaults applied. Modes are permission bits.

/** A target may be relative to WORKDIR; '' is WORKDIR itself. */
export interface BindMount {
  type: 'bind';
  /** A stage, an image or a build context; undefined for the main context. */
  from: string | undefined;
  /** Path in it; `/` is all of it. */
  source: string;
  target: string;
  readOnly: boolean;
}
export interface CacheMount {
  type: 'cache';
  /** The cleaned target where none is given. */
  id: string;
  target: string;
  readOnly: boolean;
  sharing: 'shared' | 'private' | 'locked';
  /** What an empty cache starts from. */
  from: string | undefined;
  source: string;
  mode: number;
  uid: number;
  gid: number;
}
export interface TmpfsMount {
  type: 'tmpfs';
  target: string;
  readOnly: boolean;
  /** Bytes; 0 where there is no limit. */
  size: number;
}
export interface SecretMount {
  type: 'secret';
  id: string;
  /** Undefined where the secret is a variable only. */
  target: string | undefined;
  env: string | undefined;
  required: boolean;
  mode: number;
  uid: number;
  gid: number;
}
export interface SshMount {
  type: 'ssh';
  id: string;
  /** Undefined where the engine chooses the socket's path. */
  target: string | undefined;
  required: boolean;
  mode: number;
  uid: number;
  gid: number;
}

export type MountSpec = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount;
