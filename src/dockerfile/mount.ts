// RUN --mount: its keys by type, their defaults, and what goes together.
import { basename, join, normalize } from 'node:path/posix';
import { SlipwayError } from '../errors.ts';
import { parseCsvFields } from './csv.ts';
import type { MountSpec, SecretMount } from './mount-spec.ts';
import { parseSize } from './size.ts';
import { suggest } from './suggest.ts';

export type { MountSpec } from './mount-spec.ts';

type Key =
  | 'type'
  | 'from'
  | 'source'
  | 'target'
  | 'readonly'
  | 'readwrite'
  | 'id'
  | 'sharing'
  | 'required'
  | 'size'
  | 'mode'
  | 'uid'
  | 'gid'
  | 'env';

const owner = ['mode', 'uid', 'gid'] as const;
const keysOf: Record<MountSpec['type'], readonly Key[]> = {
  bind: ['from', 'source', 'target', 'readonly', 'readwrite'],
  cache: ['from', 'source', 'target', 'readonly', 'readwrite', 'id', 'sharing', ...owner],
  tmpfs: ['target', 'size', 'readonly', 'readwrite'],
  secret: ['id', 'source', 'target', 'env', 'required', 'readonly', 'readwrite', ...owner],
  ssh: ['id', 'target', 'required', 'readonly', 'readwrite', ...owner],
};
const types = Object.keys(keysOf) as MountSpec['type'][];
const allKeys = ['type', ...new Set(Object.values(keysOf).flat())] as Key[];

/** The types of mounts with the keys that each takes. */
export const mountKeys: Readonly<Record<MountSpec['type'], readonly string[]>> = keysOf;

const aliases: Record<string, Key> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
};
const alone: readonly Key[] = ['readonly', 'readwrite', 'required'];
const sharings = ['shared', 'private', 'locked'] as const;
const truths: Record<string, boolean> = {
  '1': true,
  t: true,
  true: true,
  '0': false,
  f: false,
  false: false,
};

/** Splits a value into its keys (aliases resolved, in lower case) and their unexpanded values. */
function readFields(value: string): { key: Key; written: string; value: string | undefined }[] {
  return parseCsvFields(value).map((field) => {
    const equals = field.indexOf('=');
    const written = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const key =
      allKeys.find((known) => known === written) ?? (Object.hasOwn(aliases, written) && aliases[written]);
    if (!key) {
      throw new SlipwayError('ERR_SYNTAX', `unexpected key '${written}' in mount "${value}"`, {
        hint: suggest(written, [...allKeys, ...Object.keys(aliases)]),
      });
    }
    if (equals < 0 && !alone.includes(key)) {
      throw new SlipwayError('ERR_SYNTAX', `the mount key '${written}' needs a value in "${value}"`, {
        hint: `write ${written}=VALUE`,
      });
    }
    return { key, written, value: equals < 0 ? undefined : field.slice(equals + 1) };
  });
}

/**
 * What can be told of a --mount before its variables are known.
 * @throws ERR_SYNTAX for broken quotes, unknown keys, and a variable in `from`.
 */
export function checkMount(value: string): void {
  for (const field of readFields(value)) {
    if (field.key !== 'from' || !/\$./.test(field.value ?? '')) continue;
    throw new SlipwayError('ERR_SYNTAX', "'from' doesn't support variable expansion in --mount", {
      hint: `define a stage: FROM ${field.value} AS name, and write from=name`,
    });
  }
}

/**
 * Parses a value of RUN --mount.
 * @param expand applied to every value on its own.
 * @throws ERR_SYNTAX for a key that the type does not have or a value that it can't take; what `expand` throws.
 */
export function parseMount(value: string, expand: (text: string) => string): MountSpec {
  checkMount(value);
  const given = new Map<Key, string>();
  for (const field of readFields(value)) {
    given.set(field.key, field.value === undefined ? 'true' : expand(field.value));
    // The last of ro and rw counts, and rw is looked at first.
    if (field.key === 'readonly') given.delete('readwrite');
  }
  const type = choose('type', given.get('type') ?? 'bind', types);
  for (const key of given.keys()) {
    if (key === 'type' || keysOf[type].includes(key)) continue;
    const owners = types.filter((other) => keysOf[other].includes(key));
    throw new SlipwayError('ERR_SYNTAX', `unexpected key '${key}' for mount type '${type}'`, {
      hint: `${key} belongs to type=${owners.join(' and type=')}`,
    });
  }
  return builders[type](createReader(given));
}

type Reader = ReturnType<typeof createReader>;

function createReader(given: ReadonlyMap<Key, string>) {
  const truth = (key: Key, fallback: boolean): boolean => {
    const text = given.get(key);
    if (text === undefined) return fallback;
    const value = truths[text.toLowerCase()];
    if (value === undefined) throw invalid(key, text, 'write true or false');
    return value;
  };
  const number = (key: Key, fallback: number, base: 8 | 10): number => {
    const text = given.get(key);
    if (text === undefined) return fallback;
    const value = (base === 8 ? /^[0-7]+$/ : /^\d+$/).test(text) ? Number.parseInt(text, base) : Number.NaN;
    if (!(value < 2 ** 32))
      throw invalid(key, text, base === 8 ? 'write octal digits: 0755' : 'write a number');
    return value;
  };
  return {
    text: (key: Key) => given.get(key) || undefined,
    truth,
    size: () => (given.has('size') ? parseSize(given.get('size')!) : 0),
    sharing: () => choose('sharing', given.get('sharing') ?? 'shared', sharings),
    readOnly: (fallback: boolean) =>
      given.has('readwrite') ? !truth('readwrite', true) : truth('readonly', fallback),
    owner: (mode: number) => ({
      mode: number('mode', mode, 8) & 0o7777,
      uid: number('uid', 0, 10),
      gid: number('gid', 0, 10),
    }),
  };
}

const builders: Record<MountSpec['type'], (read: Reader) => MountSpec> = {
  bind: (read) => ({
    type: 'bind',
    from: read.text('from'),
    source: join('/', read.text('source') ?? ''),
    target: read.text('target') ?? '',
    readOnly: read.readOnly(true),
  }),
  cache: (read) => ({
    type: 'cache',
    id: read.text('id') ?? normalize(read.text('target') ?? '').replace(/(?<=.)\/$/, ''),
    target: read.text('target') ?? '',
    readOnly: read.readOnly(false),
    sharing: read.sharing(),
    from: read.text('from'),
    source: join('/', read.text('source') ?? ''),
    ...read.owner(0o755),
  }),
  tmpfs: (read) => ({
    type: 'tmpfs',
    target: read.text('target') ?? '',
    readOnly: read.readOnly(false),
    size: read.size(),
  }),
  secret: buildSecret,
  ssh: (read) => ({
    type: 'ssh',
    id: read.text('id') ?? 'default',
    target: read.text('target'),
    required: read.truth('required', false),
    ...read.owner(0o600),
  }),
};

function buildSecret(read: Reader): SecretMount {
  const source = read.text('source');
  const target = read.text('target');
  if (source !== undefined && read.text('id') !== undefined) {
    throw new SlipwayError('ERR_SYNTAX', "a secret mount takes 'id' or 'source', not both", {
      hint: 'remove source',
    });
  }
  const id = source ?? read.text('id') ?? (target === undefined ? undefined : basename(target));
  if (id === undefined) {
    throw new SlipwayError('ERR_SYNTAX', 'a secret mount needs an id or a target', { hint: 'write id=NAME' });
  }
  const env = read.text('env');
  return {
    type: 'secret',
    id,
    target: target ?? (env === undefined ? `/run/secrets/${basename(id)}` : undefined),
    env,
    required: read.truth('required', false),
    ...read.owner(0o400),
  };
}

function invalid(key: string, value: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_SYNTAX', `invalid value "${value}" of mount key '${key}'`, { hint });
}

function choose<T extends string>(key: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value.toLowerCase());
  if (found === undefined) throw invalid(key, value, suggest(value, known));
  return found;
}
