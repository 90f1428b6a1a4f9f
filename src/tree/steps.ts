// Long work in steps, between which others may have their turn; here it is run through at once, and in fs/in-turns.ts in turns.

/** Work that may be put off wherever it yields. */
export type Steps<T> = Generator<void, T, void>;

/** Does all of it now. */
export function runThrough<T>(steps: Steps<T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}
