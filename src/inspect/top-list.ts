// Counts all, and keeps the few that come first.
import type { Listed } from './layers-report.ts';

export interface TopList<T> {
  add(item: T): void;
  list(): Listed<T>;
}

/** @param before whether one comes before another */
export function createTopList<T>(most: number, before: (one: T, other: T) => boolean): TopList<T> {
  const items: T[] = [];
  let count = 0;
  return {
    add(item) {
      count++;
      if (most === 0 || (items.length === most && !before(item, items.at(-1)!))) return;
      let low = 0;
      let high = items.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (before(item, items[middle]!)) high = middle;
        else low = middle + 1;
      }
      items.splice(low, 0, item);
      if (items.length > most) items.pop();
    },
    list: () => ({ count, items }),
  };
}

/** The larger first, equals by path. */
export const largerFirst = (
  one: { bytes: number; path: string },
  other: { bytes: number; path: string },
): boolean => one.bytes > other.bytes || (one.bytes === other.bytes && one.path < other.path);
