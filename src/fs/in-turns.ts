// Long work in turns with everything else: a signal to stop is heard meanwhile, and other steps go on.

/** Milliseconds without a turn: less costs time, more is felt by who waits. */
const longest = 50;

/** Runs `steps` (tree/steps.ts) to their end. The event loop turns between them, where they take long. @throws `signal.reason` */
export async function runInTurns<T>(steps: Generator<void, T, void>, signal: AbortSignal): Promise<T> {
  const turns = createTurns(signal);
  try {
    for (;;) {
      const next = steps.next();
      if (next.done) return next.value;
      if (turns.isDue()) await turns.take();
    }
  } finally {
    // Who was stopped in between gives back what it holds.
    steps.return(undefined as never);
  }
}

export interface Turns {
  /** Whether others have waited long enough. */
  isDue(): boolean;
  /** Lets everything else go on for a moment. @throws `signal.reason` */
  take(): Promise<void>;
}

/** For loops: `if (turns.isDue()) await turns.take()`. */
export function createTurns(signal: AbortSignal): Turns {
  let last = performance.now();
  return {
    isDue: () => performance.now() - last >= longest,
    async take() {
      await new Promise(setImmediate);
      signal.throwIfAborted();
      last = performance.now();
    },
  };
}
