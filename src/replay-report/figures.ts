// Numbers as people read them, with their units.

/** `0.04 s`, `4.2 s`, `72 s`, `12 min 5 s`, `3 h 20 min`. */
export function timeText(seconds: number): string {
  if (seconds < 1) return `${Number(seconds.toFixed(2))} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What `all` things took, of `timed` of which a time is known: `unknown` where there is nothing to add up. */
export const sumText = (seconds: number, { all, timed }: { all: number; timed: number }): string =>
  timed < all && seconds === 0 ? 'unknown' : timeText(seconds);

/** In powers of 1000: `0 B`, `12 kB`, `3.4 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 9.95 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Of a share from 0 to 1: 100 % and 0 % are said of nothing less. */
export function percentText(share: number | undefined): string {
  if (share === undefined) return '–';
  const percent = share * 100;
  const shown = Math.round(percent);
  if ((shown === 100 && share < 1) || (shown === 0 && share > 0)) return `${percent.toFixed(1)} %`;
  return `${shown} %`;
}

/** `−31 %`, `+4 %`, `same`: how a value compares with another. */
export function changeText(value: number, base: number): string {
  if (base === 0) return value === 0 ? 'same' : '–';
  const percent = Math.round((value / base - 1) * 100);
  if (percent === 0) return 'same';
  return percent < 0 ? `−${-percent} %` : `+${percent} %`;
}

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
