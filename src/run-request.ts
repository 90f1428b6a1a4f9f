// What `run` is asked for and what it returns: plain data, shared by the engine and its users.
import type { Platform } from './oci/platform.ts';
import type { Resources } from './oci/resources.ts';
import type { StepIO } from './seams.ts';

/** A file or folder of the machine, seen by the command. */
export interface RunVolume {
  /** Relative to `RunRequest.cwd`. */
  source: string;
  /** Absolute. */
  target: string;
  readonly: boolean;
}

export interface RunRequest {
  /** `NAME[:TAG][@DIGEST]`, with or without docker-image://, or oci-layout://PATH[:TAG][@DIGEST]. */
  image: string;
  /** Instead of the image's CMD; empty: that one. */
  command: string[];
  /** Instead of the image's ENTRYPOINT, and its CMD is not used then. */
  entrypoint: string[] | undefined;
  /** Over the image's own; a value of undefined takes a name away. */
  env: Record<string, string | undefined>;
  volumes: RunVolume[];
  /** `size` in bytes. */
  tmpfs: { target: string; size: number | undefined }[];
  workdir: string | undefined;
  /** `NAME|NUMBER[:GROUP]`. */
  user: string | undefined;
  network: 'host' | 'none';
  security: 'sandbox' | 'insecure';
  /** Undefined: the machine's own. */
  hostname: string | undefined;
  /** `name:ip` or `name=ip`. */
  addHosts: string[];
  /** Bytes. */
  shmSize: number | undefined;
  ulimits: { name: string; soft: number; hard: number }[];
  resources?: Resources;
  /** Path of a cgroup within which the command has its own. */
  cgroupParent?: string | undefined;
  /** Undefined: the machine's own. */
  platform: Platform | undefined;
  pull: 'missing' | 'always' | 'never';
  /** The root can't be written to. */
  readOnly: boolean;
  /** The folder that relative paths start from. */
  cwd: string;
  stdin: AsyncIterable<Uint8Array> | undefined;
}

/** Where output goes and signals come from. */
export type RunIO = Omit<StepIO, 'stdin'>;

export interface RunResult {
  /** Of the command; 128 + n where signal n ended it, 127 where it is not there, 126 where it can't be run. */
  exitCode: number;
  /** A process was killed at the limit of `resources`. */
  memoryLimitHit?: boolean;
}
