// Bounds how many parts are held and sent at once, whatever number of blobs they are of.

/** Runs work when fewer than `count` are at work. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns(count: number): Turns {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
