// The flags of all commands that talk to registries, and what they say together with the configuration file.
import { resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { EngineOptions } from '../../index.ts';
import type { Arguments, Flag } from '../arguments.ts';
import { type RegistryConfig, readRegistryConfig } from '../registry-config.ts';
import type { Session } from '../session.ts';
import { parseMilliseconds } from './milliseconds.ts';

type RegistrySettings = NonNullable<EngineOptions['registry']>;
type Host = NonNullable<RegistrySettings['hosts']>[string];

const group = 'Registries';

export const registryFlags = [
  {
    name: 'tls-verify',
    type: 'boolean',
    group,
    help: 'check the certificates of registries (default: true); false lets them speak plain http, too',
  },
  {
    name: 'insecure',
    type: 'list',
    value: 'HOST',
    group,
    help: 'the same as --tls-verify=false, for one registry',
  },
  {
    name: 'registry-mirror',
    type: 'list',
    value: 'HOST=MIRROR[/PREFIX]',
    group,
    help: 'ask MIRROR before HOST for what is read; several are asked in order; without HOST= it is for docker.io',
  },
  {
    name: 'skip-default-registry-fallback',
    type: 'boolean',
    group,
    help: 'do not ask a registry itself for what its mirrors do not have',
  },
  {
    name: 'registry-certificate',
    type: 'list',
    value: 'HOST=PATH',
    group,
    help: 'trust the certificate authorities in this PEM file at HOST',
  },
  {
    name: 'registry-client-cert',
    type: 'list',
    value: 'HOST=CERT,KEY',
    group,
    help: 'show this certificate at HOST; two PEM files',
  },
  {
    name: 'cert-dir',
    type: 'text',
    value: 'DIR',
    group,
    help: 'trust *.crt and show *.cert with *.key of this folder at every registry',
  },
  {
    name: 'creds',
    type: 'text',
    value: 'USER:PASSWORD',
    group,
    help: 'log in with these; where an image is pushed, at the registries that it is pushed to alone',
  },
  {
    name: 'authfile',
    type: 'text',
    value: 'PATH',
    group,
    help: "the one file with logins (default: $REGISTRY_AUTH_FILE, else docker's, then podman's)",
  },
  {
    name: 'retry',
    type: 'text',
    value: 'N',
    group,
    help: 'try again so many times where a registry or the network fails (default: 4)',
  },
  {
    name: 'retry-delay',
    type: 'text',
    value: 'TIME',
    group,
    help: 'wait so long before the first further attempt, then twice as long each time (default: 500ms)',
  },
  {
    name: 'config',
    type: 'text',
    value: 'PATH',
    group,
    help: 'the configuration file (default: $SLIPWAY_CONFIG, ~/.config/slipway/config.json, /etc/slipway/config.json)',
  },
] as const satisfies readonly Flag[];

/** Of commands that push what they make. */
export const pushFlags = [
  {
    name: 'skip-push-permission-check',
    type: 'boolean',
    group,
    help: 'do not ask before the build whether pushing is allowed',
  },
  {
    name: 'push-ignore-immutable-tag-errors',
    type: 'boolean',
    group,
    help: 'warn, and do not fail, where a registry does not let a tag be moved',
  },
] as const satisfies readonly Flag[];

export type RegistryFlagName = (typeof registryFlags)[number]['name'];
export type PushFlagName = (typeof pushFlags)[number]['name'];

type Given = Pick<Arguments<RegistryFlagName | PushFlagName>, 'booleans' | 'texts' | 'lists'>;

/**
 * What the flags say over what the configuration file says.
 * @param given.pushedTo registries that --creds is for; undefined: all
 * @throws ERR_USAGE
 */
export function readRegistrySettings(
  given: Given & { pushedTo?: readonly string[] | undefined },
  session: Pick<Session, 'env' | 'cwd' | 'home'>,
): RegistrySettings | undefined {
  const { booleans, texts, lists } = given;
  const file = readRegistryConfig(texts.config, session);
  const hosts = readHosts(given, file, session.cwd);
  const path = (text: string | undefined): string | undefined => text && resolve(session.cwd, text);
  const login = texts.creds === undefined ? undefined : readLogin(texts.creds, given.pushedTo);
  const retries = texts.retry === undefined ? file.retries : readCount(texts.retry);
  const retryDelay = texts['retry-delay'] === undefined ? file.retryDelay : readDelay(texts['retry-delay']);
  const settings: RegistrySettings = {
    ...one('hosts', Object.keys(hosts).length > 0 ? hosts : undefined),
    ...one('mirrorsOnly', booleans['skip-default-registry-fallback']),
    ...one('login', login),
    ...one('authFile', path(texts.authfile)),
    ...one('certFolder', path(texts['cert-dir'])),
    ...one('skipPushCheck', booleans['skip-push-permission-check']),
    ...one('ignoreImmutableTags', booleans['push-ignore-immutable-tag-errors']),
    ...one('retries', retries),
    ...one('retryDelay', retryDelay),
  };
  if (lists['registry-mirror'] === undefined && booleans['skip-default-registry-fallback'])
    checkMirrors(hosts);
  return Object.keys(settings).length > 0 ? settings : undefined;
}

function readHosts({ booleans, lists }: Given, file: RegistryConfig, cwd: string): Record<string, Host> {
  const hosts = new Map(Object.entries(file.hosts));
  const change = (name: string, values: (host: Host) => Host): void => {
    const key = name.toLowerCase();
    const host = hosts.get(key) ?? {};
    hosts.set(key, { ...host, ...values(host) });
  };
  if (booleans['tls-verify'] !== undefined) change('*', () => ({ insecure: !booleans['tls-verify'] }));
  for (const text of lists.insecure ?? []) change(checkHost(text, '--insecure'), () => ({ insecure: true }));
  const mirrors = new Map<string, string[]>();
  for (const text of lists['registry-mirror'] ?? []) {
    const [host, mirror] = text.includes('=') ? splitHost(text, '--registry-mirror') : ['docker.io', text];
    checkHost(mirror.split('/', 1)[0]!, '--registry-mirror');
    mirrors.set(host, [...(mirrors.get(host) ?? []), mirror]);
  }
  for (const [host, list] of mirrors) change(host, () => ({ mirrors: list }));
  for (const text of lists['registry-certificate'] ?? []) {
    const [host, path] = splitHost(text, '--registry-certificate');
    change(host, ({ ca = [] }) => ({ ca: [...ca, resolve(cwd, path)] }));
  }
  for (const text of lists['registry-client-cert'] ?? []) {
    const [host, pair] = splitHost(text, '--registry-client-cert');
    const [cert, key, more] = pair.split(',');
    if (!cert || !key || more !== undefined)
      throw usage(`--registry-client-cert: ${JSON.stringify(text)} is not written HOST=CERT,KEY`);
    change(host, () => ({ clientCertificate: { cert: resolve(cwd, cert), key: resolve(cwd, key) } }));
  }
  return Object.fromEntries(hosts);
}

function checkMirrors(hosts: Record<string, Host>): void {
  if (Object.values(hosts).some(({ mirrors = [] }) => mirrors.length > 0)) return;
  throw usage('--skip-default-registry-fallback: there are no mirrors', '--registry-mirror HOST=MIRROR');
}

function splitHost(text: string, flag: string): [host: string, value: string] {
  const equals = text.indexOf('=');
  const value = text.slice(equals + 1);
  if (equals < 1 || value === '') throw usage(`${flag}: ${JSON.stringify(text)} is not written HOST=VALUE`);
  return [checkHost(text.slice(0, equals), flag), value];
}

/** A name as in references: not a URL, which would silently match nothing. */
function checkHost(text: string, flag: string): string {
  const bare = text.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  if (bare === text && /^(?:[\w.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?$/.test(text)) return text;
  throw usage(`${flag}: ${JSON.stringify(text)} is no name of a registry`, `write ${bare || 'host:port'}`);
}

function readLogin(text: string, registries: readonly string[] | undefined): RegistrySettings['login'] {
  const colon = text.indexOf(':');
  // The text itself is not told: it may be the password.
  if (colon < 1) throw usage('--creds is not written USER:PASSWORD', 'slipway login asks for the password');
  const login = { username: text.slice(0, colon), password: text.slice(colon + 1) };
  return registries === undefined ? login : { ...login, registries: [...registries] };
}

function readCount(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw usage(`--retry: ${JSON.stringify(text)} is no number of attempts`, '--retry 3');
}

/** A bare number is seconds. */
function readDelay(text: string): number {
  return parseMilliseconds(/^\d+$/.test(text) ? `${text}s` : text, '--retry-delay');
}

function one<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]: V });
}

function usage(message: string, hint?: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', message, { hint });
}
