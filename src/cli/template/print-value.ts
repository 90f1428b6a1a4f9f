// Values as Go's fmt prints them with %v: lists in brackets, maps with sorted keys.

/** What stands where there is nothing. */
const noValue = '<no value>';

export function printValue(value: unknown): string {
  return value === undefined || value === null ? noValue : printed(value);
}

function printed(value: unknown): string {
  if (value === undefined || value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, one]) => `${key}:${printed(one)}`).join(' ')}]`;
  }
  return String(value);
}
