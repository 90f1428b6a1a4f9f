// Where a registry is reached: the API host behind its name, and the schemes that are tried for it.
import { isIPv4 } from 'node:net';

/** `localhost`, 127.0.0.0/8 and `[::1]`, with or without a port. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || name === '::1') return true;
  return isIPv4(name) && name.startsWith('127.');
}

/** Docker Hub answers under another name than the one in references. */
export function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

/** The origins to try, best first: https alone, unless the host is loopback or `insecure`. */
export function originsOf(host: string, insecure: boolean): string[] {
  if (isLoopback(host)) return [`http://${host}`, `https://${host}`];
  return insecure ? [`https://${host}`, `http://${host}`] : [`https://${host}`];
}
