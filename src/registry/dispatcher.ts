// Connection pools: one per scheme, proxy and trust. The HTTP library and the extra certificates are loaded at first use.
import { readFile } from 'node:fs/promises';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { SlipwayError } from '../errors.ts';
import { proxyFor } from './proxy.ts';
import { createProxyAgent } from './proxy-agent.ts';

export interface DispatcherOptions {
  env: Record<string, string | undefined>;
  /** A PEM file with certificate authorities that are trusted besides the usual ones. */
  caFile?: string | undefined;
  /** Milliseconds without a byte after which a connection is given up. */
  idleTimeout: number;
}

export interface Dispatchers {
  /** The pool for `url`; `insecure`: certificates are not checked. @throws ERR_USAGE where a certificate file can't be read. */
  for(url: URL, insecure: boolean): Promise<Dispatcher>;
  close(): Promise<void>;
}

/** Undefined where Node's own store is enough: giving a list replaces that store. */
async function trust(options: DispatcherOptions): Promise<SecureContext | undefined> {
  const extra = [options.caFile, options.env['SLIPWAY_EXTRA_CA_CERTS']].filter((file) => !!file);
  if (extra.length === 0) return undefined;
  const files = new Set([...extra, options.env['NODE_EXTRA_CA_CERTS']].filter((file) => !!file));
  const ca: string[] = [...rootCertificates];
  for (const file of files) {
    let text: string;
    try {
      text = await readFile(file!, 'utf8');
    } catch (cause) {
      throw new SlipwayError('ERR_USAGE', `the certificate file ${file} can't be read`, { cause });
    }
    // A text without any would be taken in silence.
    if (!/^-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/m.test(text)) throw notPem(file!);
    ca.push(text);
  }
  try {
    return createSecureContext({ ca });
  } catch (cause) {
    throw notPem([...files].join(', '), cause);
  }
}

function notPem(file: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_USAGE', `${file} holds no certificates in PEM form`, { cause });
}

async function open(
  proxy: URL | undefined,
  secureContext: SecureContext | undefined,
  settings: { insecure: boolean; idleTimeout: number },
): Promise<Dispatcher> {
  const tls = {
    rejectUnauthorized: !settings.insecure,
    ...(secureContext ? { secureContext } : {}),
    timeout: Math.min(30_000, settings.idleTimeout),
  };
  const common = {
    connections: 16,
    headersTimeout: settings.idleTimeout,
    bodyTimeout: settings.idleTimeout,
  };
  if (!proxy) {
    const { Agent } = await import('undici');
    return new Agent({ ...common, connect: tls });
  }
  // The proxy's own certificate is always checked: `insecure` names registries.
  const proxyTls = { ...tls, rejectUnauthorized: true };
  return createProxyAgent({ proxy, pool: common, requestTls: tls, proxyTls });
}

export function createDispatchers(options: DispatcherOptions): Dispatchers {
  const pools = new Map<string, Promise<Dispatcher>>();
  let context: Promise<SecureContext | undefined> | undefined;

  async function make(url: URL, proxy: URL | undefined, insecure: boolean): Promise<Dispatcher> {
    const usesTls = url.protocol === 'https:' || proxy?.protocol === 'https:';
    if (usesTls) context ??= trust(options);
    const secureContext = usesTls ? await context : undefined;
    return open(proxy, secureContext, { insecure, idleTimeout: options.idleTimeout });
  }

  return {
    // Nothing is awaited before the pool is noted, so that requests at once share it.
    async for(url, insecure) {
      const proxy = proxyFor(url, options.env);
      const key = `${url.protocol} ${insecure} ${proxy?.href ?? ''}`;
      const known = pools.get(key);
      if (known) return known;
      const pool = make(url, proxy, insecure);
      pools.set(key, pool);
      return pool;
    },
    async close() {
      const open = [...pools.values()];
      pools.clear();
      for (const pool of open) await (await pool.catch(() => undefined))?.destroy();
    },
  };
}
