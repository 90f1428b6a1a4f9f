// What a report on an image's layers says: plain data, as --json writes it. Layers are numbered from 0, the lowest; bytes are of contents.
import type { Digest } from '../oci/digest.ts';

export interface Tally {
  files: number;
  bytes: number;
}

export interface InstructionPlace {
  /** Path of the Dockerfile, as the build noted it. */
  file: string;
  /** First and last line. */
  lines: [number, number];
}

export interface InstructionReport {
  /** On one line, as a Dockerfile has it; '' where the history does not tell. */
  text: string;
  /** Undefined: it made none. */
  layer: number | undefined;
  /** ISO 8601. */
  created: string | undefined;
  /** Where a build of this machine read it. */
  place: InstructionPlace | undefined;
}

/** What a layer did to a path: `+` added, `~` changed, `-` deleted. */
export interface PathChange {
  path: string;
  change: 'added' | 'changed' | 'deleted';
  type: string;
  /** That the layer has for it; of what is deleted, that it had. */
  bytes: number;
}

export interface LayerReport {
  diffID: string;
  /** Of the stored form. */
  digest: Digest;
  storedBytes: number;
  /** Position in `instructions`. */
  instruction: number;
  /** True: it came with the base image, as far as a build of this machine tells. */
  base: boolean;
  /** Contents in its tar. */
  bytes: number;
  /** Names that were not there, with what the layer has for them. */
  added: Tally;
  /** Names that were, with what the layer has for them. */
  overwritten: Tally;
  /** Of those, files whose content stayed the same: mode, owner or time changed. */
  rewritten: Tally;
  /** Names that are gone, with the bytes that no name leads to any more. */
  deleted: Tally;
  /** Of its bytes, those that later layers, or it itself, made unreachable. */
  wasted: number;
  /** Bytes that it made unreachable. */
  wastes: number;
  /** Only where it is asked for; in the order of the tar. */
  changes?: PathChange[];
}

/** Bytes that lie in the image and can't be reached. */
export interface WasteReport extends Tally {
  kind: 'deleted' | 'overwritten';
  /** The layer that has them. */
  layer: number;
  /** The layer that took the last name away. */
  by: number;
}

export interface WastedPath {
  path: string;
  /** How many contents of it are wasted. */
  copies: number;
  bytes: number;
}

export interface DuplicateReport {
  digest: Digest;
  /** Of one. */
  size: number;
  /** Of all but one. */
  wasted: number;
  copies: number;
  /** Some of them. */
  places: { path: string; layer: number }[];
}

export interface FoundFile {
  path: string;
  type: string;
  /** Octal: `4755`. */
  mode: string;
  bytes: number;
  layer: number;
}

export interface LeftoverReport extends Tally {
  kind: 'cache' | 'lists' | 'temporary' | 'logs';
  name: string;
  remedy: string;
  layer: number;
}

/** How many there are, and the first or largest of them. */
export interface Listed<T> {
  count: number;
  items: T[];
}

/** `leftover`: what package managers left. `late`: removed in a later step. `rewritten`: written again for its mode, owner or time. `duplicate`. */
export interface Hint {
  kind: 'leftover' | 'late' | 'rewritten' | 'duplicate';
  /** That would be saved. */
  bytes: number;
  layer: number;
  by: number | undefined;
  text: string;
}

export interface BudgetResult {
  limit: string;
  /** Bytes, per cent or files. */
  allowed: number;
  actual: number;
  exceeded: boolean;
  /** As the message says it: `layer 3 has 90 MB of 80 MB`. */
  text: string;
}

export interface LayersReport {
  version: 1;
  image: {
    name: string;
    /** Of the config. */
    id: Digest;
    manifest: Digest;
    platform: string;
    created: string | undefined;
  };
  total: {
    layers: number;
    /** Names of all but directories, as a container sees them. */
    files: number;
    /** Contents of all layers. */
    bytes: number;
    /** Of them, those that a container sees. */
    reachable: number;
    /** The difference. */
    wasted: number;
    /** Of `bytes`. */
    wastedPercent: number;
    /** As dive scores it: 0 to 1. */
    efficiency: number;
    /** What equal contents take beyond one of each; reachable ones. */
    duplicates: number;
    /** Compressed or as stored. */
    storedBytes: number;
  };
  layers: LayerReport[];
  /** The oldest first; those without a layer too. */
  instructions: InstructionReport[];
  waste: WasteReport[];
  wastedPaths: Listed<WastedPath>;
  duplicates: Listed<DuplicateReport>;
  setuid: Listed<FoundFile>;
  /** Files, and directories without the sticky bit, that everybody may write to. */
  worldWritable: Listed<FoundFile>;
  leftovers: LeftoverReport[];
  largest: FoundFile[];
  /** What saves most first. */
  hints: Hint[];
  budgets: BudgetResult[];
}
