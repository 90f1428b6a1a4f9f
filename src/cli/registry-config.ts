// The configuration file: which it is, and what it says of registries. A key that is not known is an error, not ignored.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import type { EngineOptions } from '../index.ts';
import type { Session } from './session.ts';
import { suggestionHint } from './suggest.ts';

type Hosts = NonNullable<NonNullable<EngineOptions['registry']>['hosts']>;

export interface RegistryConfig {
  hosts: Hosts;
  retries: number | undefined;
  /** Milliseconds. */
  retryDelay: number | undefined;
}

const topKeys = ['registries', 'retries', 'retryDelay'] as const;
const hostKeys = ['mirrors', 'mirrorsOnly', 'insecure', 'chunkSize', 'ca', 'cert', 'key'] as const;

/** The file that holds; undefined where there is none. */
function findFile(
  flag: string | undefined,
  { env, cwd, home }: Pick<Session, 'env' | 'cwd' | 'home'>,
): string | undefined {
  const given = flag || env['SLIPWAY_CONFIG'];
  if (given) return resolve(cwd, given);
  const own = env['XDG_CONFIG_HOME'];
  const folder = own && isAbsolute(own) ? own : join(home, '.config');
  return [join(folder, 'slipway', 'config.json'), '/etc/slipway/config.json'].find((path) =>
    existsSync(path),
  );
}

/** @param flag the value of --config. @throws ERR_USAGE */
export function readRegistryConfig(
  flag: string | undefined,
  session: Pick<Session, 'env' | 'cwd' | 'home'>,
): RegistryConfig {
  const file = findFile(flag, session);
  if (file === undefined) return { hosts: {}, retries: undefined, retryDelay: undefined };
  const config = parse(file);
  checkKeys(config, topKeys, { file, where: '' });
  const { registries = {}, retries, retryDelay } = config;
  for (const [name, value] of Object.entries({ retries, retryDelay })) {
    const isCount = value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
    if (!isCount) throw bad(file, `"${name}" is no whole number`);
  }
  if (!isObject(registries)) throw bad(file, '"registries" is no object');
  const hosts: Hosts = {};
  for (const [name, value] of Object.entries(registries))
    hosts[name.toLowerCase()] = readHost(name, value, file);
  return { hosts, retries: retries as number | undefined, retryDelay: retryDelay as number | undefined };
}

function parse(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SlipwayError('ERR_USAGE', `the configuration ${file} can't be read (${systemCode(cause)})`, {
      hint: 'name a file of JSON with --config or $SLIPWAY_CONFIG (docs/registries.md)',
      cause,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad(file, `it is not JSON (${(cause as Error).message})`);
  }
  if (!isObject(value)) throw bad(file, 'it is no JSON object');
  return value;
}

const hostForm = /^(?:[\w.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?$/;

/** @throws ERR_USAGE */
function readHost(name: string, value: unknown, file: string): Hosts[string] {
  const where = `registries.${name}`;
  if (name !== '*' && !hostForm.test(name))
    throw bad(file, `${JSON.stringify(name)} is no name of a registry`, 'write host or host:port');
  if (!isObject(value)) throw bad(file, `${where} is no object`);
  checkKeys(value, hostKeys, { file, where });
  const { mirrors, mirrorsOnly, insecure, chunkSize, ca, cert, key } = value;
  const path = (text: string): string => resolve(dirname(file), text);
  for (const [flag, given] of Object.entries({ mirrorsOnly, insecure }))
    if (given !== undefined && typeof given !== 'boolean')
      throw bad(file, `${where}.${flag} is true or false`);
  if (chunkSize !== undefined && !(Number.isSafeInteger(chunkSize) && (chunkSize as number) > 0))
    throw bad(file, `${where}.chunkSize is no number of bytes`);
  const pair = [cert, key];
  if (pair.some((text) => text !== undefined) && !pair.every((text) => typeof text === 'string'))
    throw bad(file, `${where} needs both "cert" and "key", the paths of PEM files`);
  const texts = (given: unknown, what: string): string[] => {
    const list = typeof given === 'string' ? [given] : given;
    if (Array.isArray(list) && list.every((text) => typeof text === 'string' && text !== ''))
      return list as string[];
    throw bad(file, `${where}.${what} is no text and no list of texts`);
  };
  for (const mirror of mirrors === undefined ? [] : texts(mirrors, 'mirrors'))
    if (!hostForm.test(mirror.split('/', 1)[0]!))
      throw bad(
        file,
        `${where}.mirrors: ${JSON.stringify(mirror)} is no mirror`,
        'write host[:port][/prefix]',
      );
  return {
    ...(mirrors === undefined ? {} : { mirrors: texts(mirrors, 'mirrors') }),
    ...(mirrorsOnly === undefined ? {} : { mirrorsOnly: mirrorsOnly as boolean }),
    ...(insecure === undefined ? {} : { insecure: insecure as boolean }),
    ...(chunkSize === undefined ? {} : { chunkSize: chunkSize as number }),
    ...(ca === undefined ? {} : { ca: texts(ca, 'ca').map(path) }),
    ...(cert === undefined
      ? {}
      : { clientCertificate: { cert: path(cert as string), key: path(key as string) } }),
  };
}

function checkKeys(
  value: Record<string, unknown>,
  known: readonly string[],
  { file, where }: { file: string; where: string },
): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    throw bad(
      file,
      `${where === '' ? '' : `${where}: `}there is no key ${JSON.stringify(key)}`,
      suggestionHint(key, known),
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(file: string, why: string, hint?: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', `the configuration ${file}: ${why}`, { hint });
}
