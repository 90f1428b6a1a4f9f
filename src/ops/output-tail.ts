// The last lines of a step's output, for the error that ends it.

export interface OutputTail {
  add(chunk: Buffer): void;
  lines(): string[];
}

/** Holds at most `limit` lines, and the last 64 KiB. */
export function createOutputTail(limit = 20): OutputTail {
  const capacity = 64 << 10;
  let kept = Buffer.alloc(0);
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk.subarray(-capacity)]).subarray(-capacity);
    },
    lines() {
      const lines = kept.toString('utf8').split('\n');
      if (lines.at(-1) === '') lines.pop();
      return lines.slice(-limit);
    },
  };
}
