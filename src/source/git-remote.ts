// The address of a repository, taken apart: what git is told, and the login that must stay out of arguments, logs and the disk.
import { SlipwayError } from '../errors.ts';
import { redactAddress } from './redact-source.ts';

/** Secrets by their id; undefined where one was not given. */
export type SecretReader = (id: string) => Promise<Buffer | undefined>;

export interface GitRemote {
  /** What git is told: no password, nothing of HTTP's login. */
  url: string;
  /** For messages. */
  shown: string;
  /** `host[:port]`; '' for none. */
  host: string;
  /** `Authorization` that the address itself holds. */
  login: string | undefined;
  /** Which secrets may be sent: none to an address that a repository names over plain http, and `host`: those named for it. */
  secrets: 'all' | 'host' | 'none';
}

function basic(user: string, password: string): string {
  return `basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @throws ERR_USAGE for what is no address of a known protocol */
export function parseGitRemote(address: string): GitRemote {
  const shown = redactAddress(address);
  const parts = /^(https?|ssh|git):\/\/(?:([^/@]*)@)?([^/@]+)(\/.*)$/is.exec(address);
  if (!parts) {
    const scp = /^[A-Za-z0-9_][\w.-]*@([A-Za-z0-9_][\w.-]*):[^\0\n]+$/.exec(address);
    if (scp) return { url: address, shown, host: scp[1]!, login: undefined, secrets: 'all' };
    throw badAddress(shown);
  }
  const [, scheme = '', login, host = '', path = ''] = parts;
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9_][\w.-]*)(:\d+)?$/i.test(host) || /[\0\n]/.test(path))
    throw badAddress(shown);
  const [user = '', ...password] = (login ?? '').split(':');
  if (/^https?$/i.test(scheme)) {
    const url = `${scheme}://${host}${path}`;
    const given = login ? basic(decode(user), decode(password.join(':'))) : undefined;
    return { url, shown, host, login: given, secrets: 'all' };
  }
  if (user !== '' && !/^[A-Za-z0-9_][\w.%-]*$/.test(user)) throw badAddress(shown);
  const url = `${scheme}://${user === '' ? '' : `${user}@`}${host}${path}`;
  return { url, shown, host, login: undefined, secrets: 'all' };
}

function badAddress(shown: string): SlipwayError {
  return new SlipwayError('ERR_USAGE', `${JSON.stringify(shown)} is no address of a Git repository`, {
    hint: 'write https://HOST/PATH.git, ssh://HOST/PATH, git://HOST/PATH or git@HOST:PATH',
  });
}

/** The settings that log in: the address's own login, else secrets, those of the host first. */
export async function gitLogin(remote: GitRemote, secret: SecretReader): Promise<[string, string][]> {
  if (!/^https?:/i.test(remote.url)) return [];
  const name = `http.${remote.url.replace(/^(https?:\/\/[^/]+\/).*$/is, '$1')}.extraHeader`;
  const header = remote.login ?? (await secretHeader(remote, secret));
  if (header === undefined) return [];
  if (/[\r\n\0]/.test(header)) {
    throw new SlipwayError('ERR_USAGE', `the secret that logs in at ${remote.host} has more than one line`, {
      hint: 'GIT_AUTH_TOKEN and GIT_AUTH_HEADER hold one line',
    });
  }
  return [[name, `Authorization: ${header}`]];
}

async function secretHeader({ host, secrets }: GitRemote, secret: SecretReader): Promise<string | undefined> {
  if (secrets === 'none') return undefined;
  for (const suffix of secrets === 'all' ? [`.${host}`, ''] : [`.${host}`]) {
    const header = await secret(`GIT_AUTH_HEADER${suffix}`);
    if (header !== undefined) return header.toString('utf8').trim();
    const token = await secret(`GIT_AUTH_TOKEN${suffix}`);
    if (token !== undefined) return basic('x-access-token', token.toString('utf8').trim());
  }
  return undefined;
}

/** Where a submodule lies: relative addresses start from the repository that names them, and only its own server gets its login. @throws ERR_USAGE */
export function submoduleRemote(parent: GitRemote, address: string): GitRemote {
  const remote = parseGitRemote(/^\.\.?\//.test(address) ? relativeAddress(parent.url, address) : address);
  if (originOf(remote.url) === originOf(parent.url))
    return { ...remote, login: remote.login ?? parent.login, secrets: parent.secrets };
  return { ...remote, secrets: /^http:/i.test(remote.url) ? 'none' : 'host' };
}

/** How far an address goes before its path begins. */
function originLength(url: string): number {
  const scheme = url.indexOf('://');
  return scheme < 0 ? url.indexOf(':') + 1 : url.indexOf('/', scheme + 3) + 1;
}

function originOf(url: string): string {
  return url.slice(0, originLength(url)).toLowerCase();
}

function relativeAddress(base: string, address: string): string {
  const root = base.slice(0, originLength(base));
  const path = base.slice(root.length).split('/').filter(Boolean);
  for (const part of address.split('/')) {
    if (part === '..') path.pop();
    else if (part !== '.' && part !== '') path.push(part);
  }
  return root + path.join('/');
}
