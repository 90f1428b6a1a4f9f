// Functions on times, in RFC 3339.
import { valueError } from '../hcl/value.ts';
import { type FunctionTable, fn } from './function-table.ts';

const iso = (milliseconds: number): string => {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) throw valueError('the time is too far away');
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
};

function parseTime(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw valueError(`${JSON.stringify(text)} is no time`, 'a time is written 2026-01-31T12:00:00Z');
}

const units: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function parseDuration(text: string): number {
  if (!/^[+-]?(\d+(\.\d+)?(ns|us|\u00b5s|ms|s|m|h))+$/.test(text))
    throw valueError(`${JSON.stringify(text)} is no duration`, 'a duration is written 1h30m, 10s, -5m');
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|\u00b5s|ms|s|m|h)/g)];
  const sum = parts.reduce((all, [, count, unit]) => all + Number(count) * units[unit!]!, 0);
  return text.startsWith('-') ? -sum : sum;
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const two = (value: number): string => String(value).padStart(2, '0');

/** What a letter, repeated, stands for; the time is shown in its own zone. */
function field(letters: string, date: Date, zone: string): string {
  const hour = date.getUTCHours();
  const table: Record<string, string> = {
    YYYY: String(date.getUTCFullYear()).padStart(4, '0'),
    YY: two(date.getUTCFullYear() % 100),
    MMMM: months[date.getUTCMonth()]!,
    MMM: months[date.getUTCMonth()]!.slice(0, 3),
    MM: two(date.getUTCMonth() + 1),
    M: String(date.getUTCMonth() + 1),
    DD: two(date.getUTCDate()),
    D: String(date.getUTCDate()),
    EEEE: days[date.getUTCDay()]!,
    EEE: days[date.getUTCDay()]!.slice(0, 3),
    hh: two(hour),
    h: String(hour),
    HH: two(hour % 12 || 12),
    H: String(hour % 12 || 12),
    AA: hour < 12 ? 'AM' : 'PM',
    aa: hour < 12 ? 'am' : 'pm',
    mm: two(date.getUTCMinutes()),
    m: String(date.getUTCMinutes()),
    ss: two(date.getUTCSeconds()),
    s: String(date.getUTCSeconds()),
    ZZZZZ: zone === 'Z' ? '+00:00' : zone,
    ZZZZ: zone === 'Z' ? '+0000' : zone.replace(':', ''),
    ZZZ: zone === 'Z' ? 'UTC' : zone.replace(':', ''),
    Z: zone,
  };
  const text = Object.hasOwn(table, letters) ? table[letters] : undefined;
  if (text !== undefined) return text;
  throw valueError(
    `formatdate has no ${JSON.stringify(letters)}`,
    "known are YYYY, MM, DD, EEE, hh, mm, ss, AA and Z; text stands in '…'",
  );
}

function formatDate(form: string, text: string): string {
  const zone = /(Z|[+-]\d\d:\d\d)$/.exec(text)?.[0] ?? 'Z';
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(zone) ?? [];
  const offset = sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const date = new Date(parseTime(text) + offset * 60_000);
  return form.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*|'/g, (whole, quoted?: string, letter?: string) => {
    if (letter !== undefined) return field(whole, date, zone);
    if (quoted === undefined) throw valueError('a quote in the form of formatdate is not closed');
    return quoted.replaceAll("''", "'");
  });
}

export const dateFunctions: FunctionTable = {
  formatdate: fn('ss', ([form, time]) => formatDate(form, time)),
  timeadd: fn('ss', ([time, duration]) => iso(parseTime(time) + parseDuration(duration))),
  timestamp: fn('', (_, { now }) => iso(now)),
};
