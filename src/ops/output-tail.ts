// The last lines of a step's output, for the error that ends it.

export interface OutputTail {
  add(chunk: Buffer): void;
  lines(): string[];
}

/** Holds at most `limit` lines, and the last 64 KiB. */
export function createOutputTail(limit = 20): OutputTail {
  const capacity = 64 << 10;
  let chunks: Buffer[] = [];
  let size = 0;
  const join = (): Buffer => Buffer.concat(chunks).subarray(-capacity);
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      // Joined now and then, not for every chunk of a chatty program.
      if (size < 2 * capacity) return;
      chunks = [join()];
      size = capacity;
    },
    lines() {
      const lines = join().toString('utf8').split('\n');
      if (lines.at(-1) === '') lines.pop();
      return lines.slice(-limit);
    },
  };
}
