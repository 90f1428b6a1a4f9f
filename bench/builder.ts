// What the benchmark asks of a builder, Slipway or another: a state folder of its own, builds that are timed, images to look at.

export type Variant = 'oci' | 'sandbox' | 'erofs' | 'gzip' | 'chroot';

export interface Builder {
  name: string;
  kind: 'slipway' | 'buildkit' | 'buildah';
  version: string;
  /** What the reader must know of how it is run, or of what it does not do. */
  notes: string[];
  /** @param folder is made; all that the builder keeps lies there */
  open(folder: string): Promise<Session>;
}

/** One state folder, and the daemon on it where the builder has one. */
export interface Session {
  build(job: BuildJob): Promise<Outcome>;
  /** Writes an image that a build put into the builder's own store to an archive; returns its name for skopeo. Not timed. */
  archive(tag: string, path: string): Promise<string>;
  close(): Promise<void>;
}

export type Output =
  | { type: 'store' }
  /** An archive. Who has no OCI tar writes what its users take instead. */
  | { type: 'tar'; path: string }
  | { type: 'push'; ref: string };

export interface BuildJob {
  context: string;
  /** A path. */
  dockerfile: string;
  tag: string;
  output: Output;
  /** A shared cache in a registry that is read. */
  cacheFrom?: string;
  /** A shared cache in a registry that is written, with all steps. */
  cacheTo?: string;
  /** Memory of all processes of the builder is summed, not that of the first alone. */
  wholeTree?: boolean;
}

export interface Measured {
  /** Wall clock. */
  ms: number;
  /** User and system time of the process, its children, and the daemon. */
  cpuMs: number;
  /** Bytes: peak resident set of the process that was started; with `wholeTree`, the sum over the builder's processes. */
  rss: number;
  /** Bytes: peak resident set of the daemon's processes since they started; 0 without one. */
  daemonRss: number;
}

export interface Outcome extends Measured {
  /** All that the builder said. */
  log: string;
  /** For `tar`: the archive as skopeo names it. */
  archive?: string;
}

/** A builder can't take part; the message says why in a few words. */
export class Skipped extends Error {}
