// What a build tells while it runs. Events are plain data: the CLI renders them, a library user may do anything with them.
import type { Place } from '../errors.ts';

/** A piece of work with a line of its own in the progress. */
export interface VertexInfo {
  /** Unique in one build; the same for equal work. */
  id: string;
  /** `[build 2/4] RUN make`, `[internal] load build definition from Dockerfile`, `exporting to oci image format`. */
  name: string;
  place?: Place | undefined;
  /** Of a step: those that are built of it, as `linux/amd64`. */
  platforms?: readonly string[] | undefined;
}

/** Times are milliseconds since 1970. */
export type BuildEvent =
  /** First event of a vertex, always. */
  | { type: 'started'; vertex: VertexInfo; time: number }
  /** The vertex's result came from the cache; `done` follows. `source`: the shared cache that has it, unless it was here. */
  | { type: 'cached'; id: string; source?: string; time: number }
  /** Output of a command, in chunks as they came: not split into lines. */
  | { type: 'log'; id: string; stream: 'stdout' | 'stderr'; data: Buffer; time: number }
  /** How far a part of the vertex is (a layer that is pulled, a file that is written). Bytes; `total` undefined: not known. */
  | {
      type: 'progress';
      id: string;
      /** `sha256:… `, `exporting layers`. */
      item: string;
      current: number;
      total?: number | undefined;
      done: boolean;
      time: number;
    }
  /** Last event of a vertex. `canceled`: it was stopped because something else failed. */
  | { type: 'done'; id: string; error?: string | undefined; canceled?: boolean; time: number }
  | { type: 'warning'; message: string; hint?: string | undefined; place?: Place | undefined; time: number };

export type OnEvent = (event: BuildEvent) => void;
