// Connection pools: one per host, proxy and trust. The HTTP library and the certificates are loaded at first use.
import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { proxyFor } from './proxy.ts';
import { createProxyAgent } from './proxy-agent.ts';
import { createTrust, type Trust } from './trust.ts';

export interface DispatcherOptions {
  env: Record<string, string | undefined>;
  /** Left out: the usual authorities and those of the environment. */
  trust?: Trust;
  /** Milliseconds without a byte after which a connection is given up. */
  idleTimeout: number;
}

export interface Dispatchers {
  /** The pool for `url`; `insecure`: certificates are not checked. @throws ERR_USAGE where a certificate file can't be read. */
  for(url: URL, insecure: boolean): Promise<Dispatcher>;
  close(): Promise<void>;
}

interface Security {
  /** Of the registry and of the proxy. */
  contexts: [SecureContext | undefined, SecureContext | undefined];
  insecure: boolean;
}

async function open(
  proxy: URL | undefined,
  { contexts, insecure }: Security,
  idleTimeout: number,
): Promise<Dispatcher> {
  const [tls, proxyTls] = contexts.map((secureContext) => ({
    rejectUnauthorized: true,
    ...(secureContext ? { secureContext } : {}),
    timeout: Math.min(30_000, idleTimeout),
  })) as [object, object];
  // The proxy's own certificate is always checked: `insecure` names registries.
  const requestTls = { ...tls, rejectUnauthorized: !insecure };
  const common = {
    connections: 16,
    headersTimeout: idleTimeout,
    bodyTimeout: idleTimeout,
  };
  if (!proxy) {
    const { Agent } = await import('undici');
    return new Agent({ ...common, connect: requestTls });
  }
  return createProxyAgent({ proxy, pool: common, requestTls, proxyTls });
}

export function createDispatchers(options: DispatcherOptions): Dispatchers {
  const pools = new Map<string, Promise<Dispatcher>>();

  async function make(url: URL, proxy: URL | undefined, insecure: boolean): Promise<Dispatcher> {
    const { env, idleTimeout, trust = createTrust({ env }) } = options;
    const contexts = [url, proxy].map((one) => (one?.protocol === 'https:' ? trust.context(one) : undefined));
    const [own, outer] = await Promise.all(contexts);
    return open(proxy, { contexts: [own, outer], insecure }, idleTimeout);
  }

  return {
    // Nothing is awaited before the pool is noted, so that requests at once share it.
    async for(url, insecure) {
      const proxy = proxyFor(url, options.env);
      const key = `${url.origin} ${insecure} ${proxy?.href ?? ''}`;
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
