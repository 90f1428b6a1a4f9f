// Which flags each instruction knows, and reading their values.
import { SlipwayError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Flag } from './flags.ts';
import type { Keyword } from './instruction.ts';
import type { Statement } from './statement.ts';
import { suggest } from './suggest.ts';

type Kind = 'text' | 'texts' | 'truth' | 'refused';

const copy = { chown: 'text', chmod: 'text', link: 'truth', exclude: 'texts' } as const;
const known: Partial<Record<Keyword, Record<string, Kind>>> = {
  ADD: { ...copy, checksum: 'text', 'keep-git-dir': 'truth', unpack: 'truth' },
  COPY: { ...copy, from: 'text', parents: 'truth' },
  FROM: { platform: 'text' },
  HEALTHCHECK: {
    interval: 'text',
    timeout: 'text',
    'start-period': 'text',
    'start-interval': 'text',
    retries: 'text',
  },
  RUN: { mount: 'texts', network: 'text', security: 'text', device: 'refused' },
};

/** The flags that an instruction takes, without their dashes, and whether one may stand alone. */
export function flagsOf(keyword: Keyword): { name: string; isTruth: boolean }[] {
  return Object.entries(known[keyword] ?? {}).flatMap(([name, kind]) =>
    kind === 'refused' ? [] : [{ name, isTruth: kind === 'truth' }],
  );
}

export interface FlagValues {
  text(name: string): string | undefined;
  texts(name: string): string[];
  truth(name: string): boolean | undefined;
  /** The flag's place, to tell of its value. */
  place(name: string): ReturnType<Statement['place']>;
}

/**
 * Reads flags by the rules of their instruction.
 * @throws ERR_SYNTAX for an unknown flag, one given twice or a value it can't have, ERR_UNSUPPORTED for RUN --device.
 */
export function readFlagValues(keyword: Keyword, flags: readonly Flag[], statement: Statement): FlagValues {
  if (flags.length === 0) return noFlags(statement);
  const kinds = known[keyword] ?? {};
  const given = new Map<string, { flag: Flag; values: string[] }>();
  for (const flag of flags) {
    const refuse = (message: string, hint: string) =>
      new SlipwayError('ERR_SYNTAX', message, { place: statement.place(flag.from, flag.to), hint });
    const equals = flag.text.indexOf('=');
    const name = flag.text.slice(2, equals < 0 ? undefined : equals);
    const value = equals < 0 ? undefined : flag.text.slice(equals + 1);
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) throw refuse(`${keyword} has no flag --${name}`, hintFor(keyword, name));
    if (kind === 'refused') {
      throw new SlipwayError('ERR_UNSUPPORTED', `${keyword} --${name} is not supported`, {
        place: statement.place(flag.from, flag.to),
        hint: 'steps have no devices of the host; remove the flag',
      });
    }
    const before = given.get(name);
    if (before !== undefined && kind !== 'texts') {
      throw refuse(`${keyword} --${name} is given twice`, 'remove one of them');
    }
    if (kind === 'truth') {
      if (value !== undefined && !/^(true|false)$/i.test(value)) {
        throw refuse(`--${name} takes true or false, not "${value}"`, `write --${name} or --${name}=false`);
      }
    } else if (value === undefined) {
      throw refuse(`--${name} needs a value`, `write --${name}=VALUE`);
    }
    given.set(name, { flag, values: [...(before?.values ?? []), value ?? 'true'] });
  }
  return {
    text: (name) => given.get(name)?.values[0],
    texts: (name) => given.get(name)?.values ?? [],
    truth: (name) => {
      const value = given.get(name)?.values[0];
      return value === undefined ? undefined : value.toLowerCase() === 'true';
    },
    place: (name) => {
      const flag = given.get(name)?.flag;
      return statement.place(flag?.from ?? 0, flag?.to ?? statement.text.length);
    },
  };
}

const nothing = () => undefined;
const noTexts = () => [];

/** As most instructions have. */
function noFlags(statement: Statement): FlagValues {
  const place = () => statement.place(0, statement.text.length);
  return { text: nothing, texts: noTexts, truth: nothing, place };
}

function hintFor(keyword: Keyword, name: string): string {
  const names = Object.keys(known[keyword] ?? {});
  const write = (flag: string) => `--${flag}`;
  if (nearest(name, names) !== undefined) return suggest(name, names, write);
  const owners = Object.entries(known).filter(([, flags]) => Object.hasOwn(flags, name));
  if (owners.length > 0) return `--${name} belongs to ${owners.map(([owner]) => owner).join(' and ')}`;
  return suggest(name, names, write);
}
