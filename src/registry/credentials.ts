// Who the user is at a registry, from the files of Docker and podman and the credential helpers they name.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import type { RegistrySettings } from '../registry-settings.ts';
import { askHelper } from './credential-helper.ts';

export type Credential =
  | { type: 'password'; username: string; password: string }
  /** A refresh token, as OAuth 2 logins leave it. */
  | { type: 'token'; identityToken: string };

export interface FoundCredential {
  credential: Credential;
  /** The file or the helper. */
  source: string;
}

export interface Credentials {
  /**
   * Undefined where nothing is known. The files are read at every call.
   * @throws ERR_UNAUTHORIZED where a file or a helper is broken.
   */
  lookup(registry: string, repository: string, signal: AbortSignal): Promise<FoundCredential | undefined>;
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

/** Docker Hub, as credential files and helpers know it. */
export const hubKey = 'https://index.docker.io/v1/';
const hubNames = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

type Env = Record<string, string | undefined>;

/** Where logins are kept: REGISTRY_AUTH_FILE where set, else config.json of DOCKER_CONFIG or the home directory. */
export function configPath(env: Env): string {
  return credentialFiles(env)[0]!;
}

/**
 * The files that are asked in turn: `authFile` or REGISTRY_AUTH_FILE alone where given, else Docker's (in DOCKER_CONFIG or the
 * home folder) and then those of podman and its relatives.
 */
export function credentialFiles(env: Env, authFile?: string): string[] {
  const only = authFile || env['REGISTRY_AUTH_FILE'];
  if (only) return [only];
  const home = env['HOME'] || homedir();
  const uid = process.getuid?.();
  const run = env['XDG_RUNTIME_DIR'] || (uid === undefined ? undefined : `/run/containers/${uid}`);
  return [
    join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'),
    ...(run ? [join(run, env['XDG_RUNTIME_DIR'] ? 'containers/auth.json' : 'auth.json')] : []),
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'auth.json'),
  ];
}

function broken(path: string, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_UNAUTHORIZED', `the credentials in ${path} can't be used: ${why}`, {
    hint: 'mend or remove the file, then log in again',
    cause,
  });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export async function readConfig(path: string): Promise<DockerConfig | undefined> {
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

/** Whether an entry of a credential file is for a whole registry. */
export function isKeyOf(key: string, registry: string): boolean {
  const plain = plainKey(key);
  return plain === registry.toLowerCase() || (registry === 'docker.io' && hubNames.includes(plain));
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
    if (colon <= 0)
      throw broken(path, `"auth" of ${JSON.stringify(key)} is not the base64 form of name:password`);
    return { type: 'password', username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  if (typeof entry.username !== 'string' || typeof entry.password !== 'string') return undefined;
  return entry.username === ''
    ? undefined
    : { type: 'password', username: entry.username, password: entry.password };
}

function helperNames(config: DockerConfig, registry: string): string[] {
  const own = Object.entries(config.credHelpers ?? {}).find(([key]) => isKeyOf(key, registry))?.[1];
  return [own, config.credsStore].filter((name) => typeof name === 'string' && name !== '') as string[];
}

async function lookIn(
  path: string,
  wanted: { registry: string; repository: string; env: Env },
  signal: AbortSignal,
): Promise<FoundCredential | undefined> {
  const config = await readConfig(path);
  if (!config) return undefined;
  const { registry, repository, env } = wanted;
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
}

export function createCredentials(env: Env, { login, authFile }: RegistrySettings = {}): Credentials {
  return {
    async lookup(registry, repository, signal) {
      if (login && (login.registries?.includes(registry) ?? true)) {
        const { username, password } = login;
        return { credential: { type: 'password', username, password }, source: '--creds' };
      }
      for (const path of credentialFiles(env, authFile)) {
        const found = await lookIn(path, { registry, repository, env }, signal);
        if (found) return found;
      }
      return undefined;
    },
  };
}
