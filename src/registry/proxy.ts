// Which proxy a URL is fetched through, by HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go programs read them.
import { BlockList, isIP } from 'node:net';
import { SlipwayError } from '../errors.ts';
import { isLoopback } from './origin.ts';
import { redactUrl } from './redact.ts';

type Env = Record<string, string | undefined>;

function variable(env: Env, name: string): string {
  return env[name.toLowerCase()] || env[name] || '';
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function inSubnet(host: string, entry: string): boolean {
  const [net = '', bits = ''] = entry.split('/');
  const family = isIP(net);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(net, Number(bits), type);
  return list.check(host, type);
}

function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inSubnet(host, entry);
  const withPort = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry);
  if (withPort && withPort[2] !== port) return false;
  const name = (withPort ? withPort[1]! : entry).replace(/^\[|\]$/g, '').replace(/^\*/, '');
  if (isIP(name) || isIP(host)) return name === host;
  if (name.startsWith('.')) return host.endsWith(name);
  return host === name || host.endsWith(`.${name}`);
}

/**
 * The proxy for `url`, or undefined. Loopback hosts never go through one.
 * @throws ERR_UNSUPPORTED for a proxy that is neither http nor https, ERR_USAGE for one that is no URL.
 */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = variable(env, name).trim();
  if (text === '' || isLoopback(url.hostname)) return undefined;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const entries = variable(env, 'NO_PROXY')
    .toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean);
  if (entries.some((entry) => excludes(entry, bareHost(url), port))) return undefined;
  let proxy: URL;
  try {
    proxy = new URL(text.includes('://') ? text : `http://${text}`);
  } catch (cause) {
    throw new SlipwayError('ERR_USAGE', `${name} is no URL`, { hint: 'write it as http://host:port', cause });
  }
  if (proxy.protocol !== 'http:' && proxy.protocol !== 'https:') {
    throw new SlipwayError('ERR_UNSUPPORTED', `${name} names the proxy ${redactUrl(proxy)}`, {
      hint: 'only http and https proxies are supported',
    });
  }
  return proxy;
}
