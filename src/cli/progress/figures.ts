// Figures as progress prints them: sizes and times.

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `134B`, `1.05MB`: powers of 1000. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${Math.round(value)}B` : `${value.toFixed(2)}${units[unit]}`;
}

/** `0.1s`, of milliseconds; a clock that was set back gives 0. */
export function formatSeconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)}s`;
}

/** When a line of output came: `0.123`, `12.34`, `123.4`; the width stays the same. */
export function formatOffset(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  return seconds.toFixed(seconds < 10 ? 3 : seconds < 100 ? 2 : 1);
}

/** `1.05MB / 3.40MB`, `1.05MB`, or nothing where nothing is known. */
export function formatAmount(current: number, total: number | undefined): string {
  if (total !== undefined && total > 0) return `${formatBytes(current)} / ${formatBytes(total)}`;
  return current > 0 ? formatBytes(current) : '';
}
