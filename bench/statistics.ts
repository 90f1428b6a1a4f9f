// Medians, and a line through points.

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Line {
  /** Of y at x = 0. */
  fixed: number;
  /** For each unit of x. */
  each: number;
}

/**
 * The line with the least squared relative errors: points of small x count as much as those of large x. Undefined with less than two
 * different x.
 */
export function fitLine(points: readonly { x: number; y: number }[]): Line | undefined {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const { x, y } of points) {
    const weight = 1 / (y * y || 1);
    w += weight;
    wx += weight * x;
    wy += weight * y;
    wxx += weight * x * x;
    wxy += weight * x * y;
  }
  const determinant = w * wxx - wx * wx;
  if (new Set(points.map(({ x }) => x)).size < 2 || determinant === 0) return undefined;
  const each = (w * wxy - wx * wy) / determinant;
  return { fixed: (wy - each * wx) / w, each };
}
