// A pool behind a proxy, around what the HTTP library gets wrong where a proxy refuses.
import type { Dispatcher, Pool, ProxyAgent } from 'undici';
import { systemCode } from '../errors.ts';

export interface ProxyAgentOptions {
  proxy: URL;
  /** Limits and time-outs of the pool. */
  pool: Pool.Options;
  /** TLS to the registry. */
  requestTls: object;
  /** TLS to the proxy. */
  proxyTls: object;
}

/** The connections to the proxy itself over which tunnels are asked for. */
function tunnelPool(pool: Pool): Dispatcher {
  const connect = pool.connect.bind(pool) as (
    options: Dispatcher.ConnectOptions,
  ) => Promise<Dispatcher.ConnectData>;
  const guarded = async (options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
    try {
      return await connect(options);
    } catch (error) {
      // A proxy that hangs up fails with this code, at which undici would connect anew without end.
      if (systemCode(error) !== 'UND_ERR_SOCKET') throw error;
      throw Object.assign(new Error('the proxy hung up', { cause: error }), { code: 'ERR_PROXY' });
    }
  };
  return Object.assign(pool, { connect: guarded });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** https goes through a tunnel, plain http by the whole URL. */
export async function createProxyAgent(options: ProxyAgentOptions): Promise<ProxyAgent> {
  const undici = await import('undici');
  const { proxy } = options;
  const login = [proxy.username, proxy.password].map(decode).join(':');
  return new undici.ProxyAgent({
    ...options.pool,
    uri: proxy.href,
    ...(login === ':' ? {} : { token: `Basic ${Buffer.from(login).toString('base64')}` }),
    requestTls: options.requestTls,
    proxyTls: options.proxyTls,
    proxyTunnel: false,
    clientFactory: (origin, settings) => tunnelPool(new undici.Pool(origin, settings)),
  });
}
