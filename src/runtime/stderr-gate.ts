// Holds back the very first bytes that a step writes to stderr while they may be a message of the runtime itself.

/** No message of a runtime is longer. */
const limit = 8192;

export interface StderrGate {
  push(chunk: Buffer): void;
  /** What was held back; it was not passed on. */
  take(): string;
}

/**
 * A runtime that can't start a program says so on the step's own stderr, before the program could write anything. Text
 * that begins as one of `prefixes` is kept until the end, everything else is passed on at once.
 */
export function createStderrGate(prefixes: readonly string[], pass: (chunk: Buffer) => void): StderrGate {
  const starts = prefixes.map((prefix) => Buffer.from(prefix));
  let held: Buffer | undefined = Buffer.alloc(0);
  const mayBegin = (text: Buffer): boolean =>
    starts.some((start) => {
      const length = Math.min(start.length, text.length);
      return start.subarray(0, length).equals(text.subarray(0, length));
    });
  return {
    push(chunk) {
      if (held === undefined) {
        pass(chunk);
        return;
      }
      held = Buffer.concat([held, chunk]);
      if (held.length <= limit && mayBegin(held)) return;
      const text = held;
      held = undefined;
      pass(text);
    },
    take() {
      const text = held ?? Buffer.alloc(0);
      held = undefined;
      return text.toString();
    },
  };
}
