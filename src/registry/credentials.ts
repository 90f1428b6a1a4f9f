// Who the user is at a registry, from Docker's configuration file and the credential helpers it names.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { askHelper } from './credential-helper.ts';

export type Credential =
  | { type: 'password'; username: string; password: string }
  /** A refresh token, as OAuth 2 logins leave it. */
  | { type: 'token'; identityToken: string };

export interface Credentials {
  /**
   * Undefined where nothing is known. The files are read at every call.
   * @throws ERR_UNAUTHORIZED where a file or a helper is broken.
   */
  lookup(
    registry: string,
    repository: string,
    signal: AbortSignal,
  ): Promise<{ credential: Credential; source: string } | undefined>;
}

interface AuthEntry {
  auth?: unknown;
  username?: unknown;
  password?: unknown;
  identitytoken?: unknown;
}

interface DockerConfig {
  auths?: Record<string, AuthEntry | null> | null;
  credsStore?: unknown;
  credHelpers?: Record<string, unknown> | null;
}

const hubKey = 'https://index.docker.io/v1/';
const hubNames = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** REGISTRY_AUTH_FILE alone where set, else config.json of DOCKER_CONFIG or the home directory. */
export function configPath(env: Record<string, string | undefined>): string {
  if (env['REGISTRY_AUTH_FILE']) return env['REGISTRY_AUTH_FILE'];
  return join(env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker'), 'config.json');
}

function broken(path: string, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_UNAUTHORIZED', `the credentials in ${path} can't be used: ${why}`, {
    hint: 'mend or remove the file, then log in again',
    cause,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readConfig(path: string): Promise<DockerConfig | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw broken(path, `it can't be read (${code})`, cause);
  }
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the file, and with it a password.
    throw broken(path, 'it is not JSON');
  }
  if (!isObject(value)) throw broken(path, 'it is no JSON object');
  for (const key of ['auths', 'credHelpers']) {
    if (value[key] != null && !isObject(value[key])) throw broken(path, `"${key}" is no object`);
  }
  return value as DockerConfig;
}

/** `https://host/v1/` and `host` are one key. */
function plainKey(key: string): string {
  return key
    .replace(/^https?:\/\//, '')
    .replace(/\/(v1|v2)?\/?$/, '')
    .toLowerCase();
}

/** Keys that may hold a repository's login, most specific first: `host/team/app`, `host/team`, `host`. */
function keysFor(registry: string, repository: string): string[] {
  const keys: string[] = [];
  const hosts = hubNames.includes(registry) ? hubNames : [registry.toLowerCase()];
  const parts = repository.split('/');
  for (let n = parts.length; n > 0; n--) keys.push(`${hosts[0]}/${parts.slice(0, n).join('/')}`);
  return [...keys, ...hosts];
}

function fromEntry(entry: AuthEntry, key: string, path: string): Credential | undefined {
  if (typeof entry.identitytoken === 'string' && entry.identitytoken !== '')
    return { type: 'token', identityToken: entry.identitytoken };
  if (typeof entry.auth === 'string' && entry.auth !== '') {
    const text = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = text.indexOf(':');
    if (colon <= 0) throw broken(path, `"auth" of ${key} is not the base64 form of name:password`);
    return { type: 'password', username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  if (typeof entry.username !== 'string' || typeof entry.password !== 'string') return undefined;
  return entry.username === ''
    ? undefined
    : { type: 'password', username: entry.username, password: entry.password };
}

function helperNames(config: DockerConfig, registry: string): string[] {
  const own = Object.entries(config.credHelpers ?? {}).find(
    ([key]) => plainKey(key) === registry || (registry === 'docker.io' && hubNames.includes(plainKey(key))),
  )?.[1];
  return [own, config.credsStore].filter((name) => typeof name === 'string' && name !== '') as string[];
}

export function createCredentials(env: Record<string, string | undefined>): Credentials {
  return {
    async lookup(registry, repository, signal) {
      const path = configPath(env);
      const config = await readConfig(path);
      if (!config) return undefined;
      const server = registry === 'docker.io' ? hubKey : registry;
      const [helper] = helperNames(config, registry);
      if (helper !== undefined) {
        const credential = await askHelper({ name: helper, server, env }, signal);
        if (credential) return { credential, source: `docker-credential-${helper}` };
      }
      const entries = Object.entries(config.auths ?? {});
      for (const key of keysFor(registry, repository)) {
        for (const [name, entry] of entries) {
          if (plainKey(name) !== key || !isObject(entry)) continue;
          const credential = fromEntry(entry, name, path);
          if (credential) return { credential, source: path };
        }
      }
      return undefined;
    },
  };
}
