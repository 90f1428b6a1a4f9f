// Attributes that are lists of key=value sets: outputs, caches, secrets, SSH keys, attestations.
import { parseCsvFields } from '../dockerfile/csv.ts';
import { SlipwayError } from '../errors.ts';

/** In the order in which it is printed. */
export type Entry = Map<string, string>;

export type EntryAttribute = 'attest' | 'cache-from' | 'cache-to' | 'output' | 'policy' | 'secret' | 'ssh';

const cache = (ref: string): Record<string, string> => ({ type: 'registry', ref });

/** What a text without any key means. */
const shortForms: Partial<Record<EntryAttribute, (text: string) => Record<string, string>>> = {
  output: (dest) => ({ type: dest === '-' ? 'tar' : 'local', dest }),
  'cache-from': cache,
  'cache-to': cache,
  policy: (filename) => ({ filename }),
};

/** Reads the form that the flags of a build take. @throws ERR_USAGE, ERR_SYNTAX without a place */
export function parseEntry(name: EntryAttribute, text: string): Entry {
  if (name === 'ssh') {
    const equals = text.indexOf('=');
    return equals < 0
      ? new Map([['id', text]])
      : new Map([
          ['id', text.slice(0, equals)],
          ['paths', text.slice(equals + 1)],
        ]);
  }
  const fields = parseCsvFields(text);
  const [only] = fields;
  if (fields.length === 1 && only === text && !text.includes('=')) {
    const short = shortForms[name]?.(text);
    if (short) return normalEntry(name, new Map(Object.entries(short)));
  }
  const pairs = fields.map((field): [string, string] => {
    const equals = field.indexOf('=');
    if (equals < 1) {
      throw new SlipwayError('ERR_USAGE', `${JSON.stringify(field)} is not written key=value`, {
        hint: 'as in "type=local,dest=out", or an object: { type = "local", dest = "out" }',
      });
    }
    return [field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1)];
  });
  return normalEntry(name, new Map(pairs));
}

const orders: Partial<Record<EntryAttribute, readonly string[]>> = {
  secret: ['id', 'src', 'env'],
  ssh: ['id', 'paths'],
};

/** One spelling for each thing that can be said. */
export function normalEntry(name: EntryAttribute, entry: Entry): Entry {
  const pairs = new Map(entry);
  if (name === 'secret') {
    const source = pairs.get('source') ?? pairs.get('src');
    const isEnv = pairs.get('type') === 'env' && !pairs.get('env');
    for (const key of ['source', 'src', 'type']) pairs.delete(key);
    if (source !== undefined) pairs.set(isEnv ? 'env' : 'src', source);
  }
  const order = orders[name];
  const rank = (key: string): number => (order?.includes(key) ? order.indexOf(key) : 99);
  return new Map([...pairs].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
}

/** The text that a flag of a build takes. */
export function entryText(name: EntryAttribute, entry: Entry): string {
  if (name === 'ssh')
    return entry.has('paths') ? `${entry.get('id')}=${entry.get('paths')}` : entry.get('id')!;
  return [...entry]
    .map(([key, value]) => {
      const field = `${key}=${value}`;
      return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
    })
    .join(',');
}

export function isSameEntry(a: Entry, b: Entry): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
