// Sizes and times as docker shows them to people.

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Powers of 1000, three digits: `4.27MB`, `512B`. */
export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${units[unit]}`;
}

const day = 24;

/** As docker's units package has it: `About an hour`, `3 weeks`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes === 1 ? 'About a minute' : `${minutes} minutes`;
  const hours = Math.floor(milliseconds / 3_600_000 + 0.5);
  if (hours < 2 * day) return hours === 1 ? 'About an hour' : `${hours} hours`;
  if (hours < 14 * day) return `${Math.floor(hours / day)} days`;
  if (hours < 60 * day) return `${Math.floor(hours / day / 7)} weeks`;
  if (hours < 730 * day) return `${Math.floor(hours / day / 30)} months`;
  return `${Math.floor(milliseconds / 3_600_000 / day / 365)} years`;
}

/** `2 weeks ago`; `N/A` where there is no time. */
export function since(time: number | undefined, now: number): string {
  return time === undefined || Number.isNaN(time) ? 'N/A' : `${humanDuration(Math.max(0, now - time))} ago`;
}

/** As Go prints a time: `2026-03-01 12:00:00 +0000 UTC`. */
export function goTime(time: number | undefined): string {
  if (time === undefined || Number.isNaN(time)) return 'N/A';
  const date = new Date(time);
  const offset = -date.getTimezoneOffset();
  const local = new Date(time + offset * 60_000).toISOString();
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const sign = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}${two(Math.abs(offset) % 60)}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${sign} ${offset === 0 ? 'UTC' : sign}`;
}
