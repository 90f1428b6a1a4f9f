// A section of the hard tests: many seeded attempts to break one promise, few of them in the suite and many by hand.

export interface HardOptions {
  /** How many to make; a section may round it up to what it can't part. */
  attempts: number;
  /** The same seed makes the same attempts. */
  seed: number;
  /** Rethrown as `signal.reason` when aborted, after cleaning up. */
  signal: AbortSignal;
  /** An empty folder, removed afterwards with all that is in it. */
  scratch: string;
  /** What is being tried, for whoever watches; one line. */
  report(line: string): void;
  /** Tells of a failure when it is found, where a section takes long; it is among the results all the same. */
  failed?: ((failure: HardFailure) => void) | undefined;
}

export interface HardFailure {
  /** What held no longer, and where. */
  what: string;
  /** The command that shows it once more. */
  again: string;
}

export interface HardResult {
  /** That were made. */
  attempts: number;
  failures: HardFailure[];
  /** What this machine lacks, where nothing could be tried. */
  missing?: string;
}

export interface HardSection {
  /** One word: the file's own name. */
  name: string;
  /** What is promised, in a few words. */
  what: string;
  /** Attempts in the suite. */
  bounded: number;
  /** Attempts of `npm run test:hard`. */
  full: number;
  run(options: HardOptions): Promise<HardResult>;
}
