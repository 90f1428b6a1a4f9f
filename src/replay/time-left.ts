// How long what is left of a replay will take, judged by what is done.

/** So many of the last builds count: a first one, in which all missed, says little of the next. */
const window = 12;

/** Seconds; undefined before the second build. @param seconds of builds that are done, the oldest first */
export function secondsLeft(seconds: readonly number[], left: number): number | undefined {
  if (seconds.length < 2) return left === 0 ? 0 : undefined;
  const last = seconds.slice(1).slice(-window);
  return (last.reduce((sum, one) => sum + one, 0) / last.length) * left;
}

/** `45 s`, `3 min`, `1 h 20 min`. */
export function roughTime(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
