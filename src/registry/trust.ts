// Which certificates are trusted at a host and which one is shown there: from settings, variables, and Docker's certs.d folders.
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { SlipwayError, systemCode } from '../errors.ts';
import type { RegistrySettings } from '../registry-settings.ts';
import { urlSettings } from './host-settings.ts';
import { apiHost } from './origin.ts';

export interface TrustOptions {
  env: Record<string, string | undefined>;
  /** Left out: where something else than a registry is asked, for which no folders are kept. */
  settings?: RegistrySettings | undefined;
  /** A PEM file with authorities that are trusted everywhere. */
  caFile?: string | undefined;
}

export interface Trust {
  /** Undefined where Node's own is enough. @throws ERR_USAGE where a certificate file can't be read. */
  context(url: URL): Promise<SecureContext | undefined>;
}

interface Files {
  ca: string[];
  pair: { cert: string; key: string } | undefined;
}

async function readPem(file: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new SlipwayError('ERR_USAGE', `the certificate file ${file} can't be read`, {
      hint: 'check the path of --registry-certificate, --registry-client-cert or the configuration',
      cause,
    });
  }
  // A text without any would be taken in silence.
  const form = kind === 'CERTIFICATE' ? /^-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/m : /PRIVATE KEY-----/;
  if (form.test(text)) return text;
  throw notPem(file, kind === 'CERTIFICATE' ? 'certificates' : 'private key');
}

/** What NODE_EXTRA_CA_CERTS named where the program's launcher kept it from Node, which would heed no file that can't be used. */
async function nodeExtra(file: string | undefined): Promise<string | undefined> {
  return file ? readPem(file, 'CERTIFICATE').catch(() => undefined) : undefined;
}

function notPem(file: string, what: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_USAGE', `${file} holds no ${what} in PEM form`, { cause });
}

/** `*.crt` are authorities; `NAME.cert` and `NAME.key` belong together. */
async function filesOf(folder: string): Promise<Files> {
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return { ca: [], pair: undefined };
    throw new SlipwayError('ERR_USAGE', `the folder of certificates ${folder} can't be read`, { cause });
  }
  const cert = names.find((name) => name.endsWith('.cert'));
  const key = cert?.replace(/\.cert$/, '.key');
  if (cert !== undefined && !names.includes(key!)) {
    throw new SlipwayError('ERR_USAGE', `${join(folder, cert)} has no key beside it`, {
      hint: `put the key into ${join(folder, key!)}, or remove the certificate; authorities are named *.crt`,
    });
  }
  return {
    ca: names.filter((name) => name.endsWith('.crt')).map((name) => join(folder, name)),
    pair: cert === undefined ? undefined : { cert: join(folder, cert), key: join(folder, key!) },
  };
}

/** Where docker and podman keep a folder for each host. */
function certFolders(env: TrustOptions['env']): string[] {
  const home = env['HOME'] || homedir();
  const ways = ['.docker/certs.d', '.config/docker/certs.d', '.config/containers/certs.d'];
  return ['/etc/docker/certs.d', '/etc/containers/certs.d', ...ways.map((way) => join(home, way))];
}

/** Names that a host's folder may have. */
function folderNames(url: URL): string[] {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const names = [url.host, `${url.hostname}:${port}`];
  if (url.host === apiHost('docker.io')) names.push('docker.io');
  // A redirect may lead to any name there is.
  return [...new Set(names)].filter((name) => /^[\w[]/.test(name));
}

export function createTrust({ env, settings, caFile }: TrustOptions): Trust {
  const contexts = new Map<string, Promise<SecureContext | undefined>>();

  async function find(url: URL): Promise<Files> {
    if (!settings) return { ca: [], pair: undefined };
    const own = urlSettings(settings, url);
    const folders = certFolders(env).flatMap((folder) => folderNames(url).map((name) => join(folder, name)));
    if (settings.certFolder !== undefined) folders.unshift(settings.certFolder);
    const found = await Promise.all(folders.map(filesOf));
    return {
      ca: [...(own.ca ?? []), ...found.flatMap(({ ca }) => ca)],
      pair: own.clientCertificate ?? found.find(({ pair }) => pair)?.pair,
    };
  }

  async function make(url: URL): Promise<SecureContext | undefined> {
    const { ca: own, pair } = await find(url);
    const extra = [caFile, env['SLIPWAY_EXTRA_CA_CERTS'], ...own].filter((file) => !!file) as string[];
    const unread = await nodeExtra(env['SLIPWAY_UNREAD_CA_CERTS']);
    if (extra.length === 0 && !pair && unread === undefined) return undefined;
    // Giving a list replaces Node's own, which has this variable's certificates in it.
    const always = unread === undefined ? env['NODE_EXTRA_CA_CERTS'] : undefined;
    const files = [...new Set(always ? [...extra, always] : extra)];
    const ca = await Promise.all(files.map((file) => readPem(file, 'CERTIFICATE')));
    if (unread !== undefined) {
      ca.push(unread);
      files.push(env['SLIPWAY_UNREAD_CA_CERTS']!);
    }
    const shown = pair && {
      cert: await readPem(pair.cert, 'CERTIFICATE'),
      key: await readPem(pair.key, 'PRIVATE KEY'),
    };
    try {
      return createSecureContext({ ca: [...rootCertificates, ...ca], ...shown });
    } catch (cause) {
      throw notPem([...files, ...Object.values(pair ?? {})].join(', '), 'usable certificates', cause);
    }
  }

  return {
    context(url) {
      let known = contexts.get(url.host);
      known ??= make(url);
      contexts.set(url.host, known);
      return known;
    },
  };
}
