// What a build was, step by step, as the state folder keeps it: plain data, without the value of any argument or secret.
import type { Digest } from './oci/digest.ts';
import type { KeyTree } from './seams.ts';

/** How a step went. `source`: it has no key, as an image or a context. `unreached`: something before it failed. */
export type StepOutcomeKind = 'hit' | 'ran' | 'source' | 'failed' | 'canceled' | 'unreached';

/** One vertex of a build's graph. */
export interface StepRecord {
  /** What its vertex does: `exec`, `copy`, `mkdir`, `image`, `context`, `http`, `git`. */
  type: string;
  /** In the user's words, without its label: `RUN make`, `FROM docker.io/library/busybox:latest@sha256:…`. */
  text: string;
  /** `[build 2/4]`; '' where it has none. */
  label: string;
  /** Of the stage; undefined where the only one has no name. */
  stage?: string;
  /** `linux/amd64`, where several are built. */
  platform?: string;
  /** First and last line in the Dockerfile. */
  lines: [number, number];
  /** What its inputs are, as positions in `BuildRecord.steps`; null: an empty root. The first is the root. */
  inputs: (number | null)[];
  /** Paths of the build context that it names: sources of a COPY, of a RUN those of its mounts. Left out where there are none. */
  reads?: string[];
  outcome: StepOutcomeKind;
  /** Those that were asked for, the cheapest first. Of a hit, the last one hit. */
  keys: Digest[];
  /** Records were not to be read: `--no-cache`. */
  ignoresCache?: true;
  /** There was a result, older than `cacheTTL` allowed: when it was made, in ISO 8601. */
  expired?: string;
  /** Of a hit: `local`, or the shared cache that had it. */
  source?: string;
  /** How long it ran; of a hit, how long it ran when it was made. */
  seconds?: number;
  /** What it made: digest of its changes without times, and the layer. */
  content?: Digest;
  layer?: { diffID: string; size: number };
  /**
   * Bytes of files that it put into its layer from its sources, where it ran: of an archive that was unpacked, those of the files in it.
   * Left out of a RUN: what a command reads is not seen.
   */
  read?: number;
  /** Bytes of its layer that passed the network, in whatever form. Of steps with the same layer the first has them; left out where none did. */
  pulled?: number;
  pushed?: number;
  /** Of an image: the digest that its reference stood for. */
  digest?: Digest;
  /** Trees of keys of a step that made no record, by key; too large ones are left out. Those of others lie beside their records. */
  trees?: Record<Digest, KeyTree>;
  /** Code of its failure. */
  error?: string;
}

/** What a shared cache said when it was asked for all that it has. `missing`: there is none yet, or an image without one. */
export interface CacheAnswer {
  name: string;
  answer: 'read' | 'missing' | 'failed';
  /** Results that it knows. */
  results?: number;
  error?: string;
}

/** What a shared cache knows of a build's steps, where the machine knew no earlier build: it stands in for one. */
export interface ComparedCache {
  name: string;
  /** ISO 8601: when the newest of its results was made. */
  newest: string;
  /** With the trees of their keys. Lines are positions in the stage. */
  steps: StepRecord[];
}

/** Bytes of layers and caches that passed the network. */
export interface Transfer {
  /** `pull docker.io/library/busybox:latest`, `push registry.example.com/app:1`. */
  name: string;
  kind: 'pulled' | 'pushed';
  bytes: number;
}

export interface BuildRecord {
  /** Unique in a state folder; later ones sort behind. */
  id: string;
  /** ISO 8601. */
  started: string;
  /** From the request to the end of its exports. */
  seconds: number;
  outcome: 'done' | 'failed' | 'canceled';
  dockerfile: {
    /** Absolute; a URL without its login; `-`. */
    path: string;
    /** Of its text. */
    digest: Digest;
  };
  /** An absolute path, a URL without its login, or `-`. */
  context: string;
  /** Named contexts: absolute paths, references, URLs without their logins. Left out where there are none. */
  buildContexts?: Record<string, string>;
  /** Of a bake: the name of its target. */
  name?: string;
  /** As asked for; undefined: the last stage. */
  target?: string;
  platforms: string[];
  /** Names of build arguments that were given, with the digests of their values. */
  buildArgs: Record<string, Digest>;
  /** By stage, names that are variables by ARG and not by ENV; one without a name is `stage-N`. */
  declaredArgs?: Record<string, string[]>;
  noCache: boolean;
  /** Milliseconds: results that were older counted for nothing. */
  cacheTTL?: number;
  /** The shared caches that were asked, in the order of their answers. */
  caches: CacheAnswer[];
  transfers: Transfer[];
  compared?: ComparedCache;
  /** Inputs before those that they go into. */
  steps: StepRecord[];
}
