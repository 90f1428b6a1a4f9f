// What the solver is told and what it tells: steps as ops, keys, and its own shape.
import type { Vertex } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';
import type { CacheIndex, CacheRecord, KeyTree } from '../seams.ts';
import type { OnEvent } from './events.ts';
import type { Slots } from './slots.ts';

/** A way to find a step's result, and what went into it. */
export interface CacheKey {
  digest: Digest;
  tree: KeyTree;
  /** The same without what the first input is: known while that is still being made. Undefined: the step waits for its first input. */
  partial?: Digest | undefined;
  /** Of `Op.unread`, where the op has one: whoever knows no record with it runs before keys are made. */
  unread?: Digest | undefined;
}

/** What running a step made. */
export interface Outcome extends Pick<CacheRecord, 'content' | 'diffID' | 'size'> {
  /** Bytes of its sources' files that it read, where that is known. It is told, and is no part of any record. */
  read?: number;
}

/** A step that has ended, and whose changes are still to be stored. Disposing of it removes what is of no use any more. */
export interface Ran<R> extends AsyncDisposable {
  /** The result as far as it is known: it has files, and no identity. What follows may begin on it. */
  live: R | undefined;
  /** Stores the changes. */
  store(signal: AbortSignal): Promise<Outcome>;
  /** Called once the outcome is known, with the inputs as they are known by then: live ones have become others. */
  settle(outcome: Outcome, inputs: (R | undefined)[]): Promise<void>;
}

/** A step that can run before its keys are made: all is read once then. */
export interface Unread {
  /** Of all that its keys are made of and that is known without reading. */
  digest: Digest;
  /** Equal for steps that read the same files: one of them runs, the others wait for its record. */
  lock: string;
  /** As Op.run. Keys are asked for after it. */
  run(signal: AbortSignal): Promise<Outcome>;
}

/** What a vertex does, on results of type R. */
export interface Op<R> {
  /** Keys, the cheapest first: a later one is asked for only when those before it missed. None: the op makes no record. */
  keys(inputs: (R | undefined)[], signal: AbortSignal): AsyncIterable<CacheKey>;
  /** A step whose keys cost reading what it reads. Undefined where they do not, or where what was read before may be remembered. */
  unread?(inputs: (R | undefined)[]): Unread | undefined;
  /** Runs the step and stores its changes. */
  run(inputs: (R | undefined)[], signal: AbortSignal): Promise<Outcome>;
  /** The same in two parts, where there is something between them: storing the changes is for later. */
  begin?(inputs: (R | undefined)[], signal: AbortSignal): Promise<Ran<R>>;
  /** The result that a record stands for; also of an op without keys, where there is no record. */
  load(record: CacheRecord | undefined, inputs: (R | undefined)[], signal: AbortSignal): Promise<R>;
  /** Identity of what lies below the step's changes: with their content it makes the result's identity. */
  below(inputs: (R | undefined)[]): string;
}

export interface SolveStatistics {
  total: number;
  cached: number;
  ran: number;
}

/** How a step went. */
export interface StepReport {
  vertex: Vertex;
  /** `loaded`: the op makes no record. */
  how: 'cached' | 'ran' | 'loaded' | 'failed' | 'canceled';
  /** Those that were asked for, the cheapest first. Of a step that failed they may come to be known later. */
  keys: readonly CacheKey[];
  record: CacheRecord | undefined;
  /** How long it ran. */
  seconds: number | undefined;
  /** Of one that ran: bytes of its sources' files that it read, where that is known. */
  read: number | undefined;
  /** Code of its failure. */
  error: string | undefined;
}

export interface SolverOptions<R> {
  op(vertex: Vertex): Op<R>;
  cache: CacheIndex;
  /** Whether what a record names is still there. */
  usable(record: CacheRecord): Promise<boolean>;
  /** Whether what follows may build on a record's identity while its layer can't be had; who needs the layer has it made anew. */
  known?(record: CacheRecord): boolean;
  /** Whether the files of a result can be had. */
  complete?(result: R): Promise<boolean>;
  /** How many layers have proved lost or damaged so far: a step that fails meanwhile may have read one, and is tried again. */
  losses?(): number;
  /** A step has a record, under these keys. */
  onRecord?(vertex: Vertex, keys: readonly CacheKey[], record: CacheRecord): void;
  /** A vertex has ended; of one that was solved anew the last report holds. */
  onStep?(report: StepReport): void;
  /** Records of steps that ran longer ago are misses; milliseconds. Undefined: none is too old. */
  maxAge?(vertex: Vertex): number | undefined;
  /** There was a record, too old to be taken: when it ran, in ISO 8601. */
  onExpired?(vertex: Vertex, ran: string): void;
  slots: Slots;
  now(): number;
  onEvent: OnEvent;
  /** A signal that follows both; many steps listen to it. */
  eitherSignal(one: AbortSignal, other: AbortSignal): AbortSignal;
}

export interface Solver<R> {
  /** Equal vertices share one result. The first failure cancels the rest, also of other calls: one solver is one build. */
  solve(vertex: Vertex, signal: AbortSignal): Promise<R>;
  /** The same, with files that can be had: steps of which only the identity is known are run. */
  solveWhole(vertex: Vertex, signal: AbortSignal): Promise<R>;
  /** The record of a vertex that was solved; undefined for those without one. */
  record(vertex: Vertex): CacheRecord | undefined;
  statistics: SolveStatistics;
}
