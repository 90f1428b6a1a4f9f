// What is set for one registry, and which other places are asked for what is read from it.
import type { RegistryHost, RegistrySettings } from '../registry-settings.ts';
import { apiHost } from './origin.ts';

/** What holds for a host, by its name in references or the one that it answers under. */
export function hostSettings(settings: RegistrySettings, host: string): RegistryHost {
  const { hosts = {} } = settings;
  const name = host.toLowerCase();
  const all = Object.hasOwn(hosts, '*') ? hosts['*'] : {};
  const names = Object.keys(hosts).filter((one) => one === name || apiHost(one) === name);
  return Object.assign({}, all, ...names.map((one) => hosts[one]));
}

/** A host's name with the port that is meant where none is written: `name:443`. */
function withPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}

export function urlSettings(settings: RegistrySettings, url: URL): RegistryHost {
  return { ...hostSettings(settings, withPort(url)), ...hostSettings(settings, url.host) };
}

export interface Endpoint {
  registry: string;
  repository: string;
}

/** Where a repository is read from, best first. */
export function endpointsOf(settings: RegistrySettings, { registry, repository }: Endpoint): Endpoint[] {
  const { mirrors = [], mirrorsOnly = settings.mirrorsOnly } = hostSettings(settings, registry);
  const endpoints = mirrors.map((mirror) => {
    const slash = mirror.indexOf('/');
    const prefix = slash < 0 ? '' : mirror.slice(slash + 1).replace(/\/*$/, '/');
    return {
      registry: slash < 0 ? mirror : mirror.slice(0, slash),
      repository: `${prefix === '/' ? '' : prefix}${repository}`,
    };
  });
  return mirrorsOnly && endpoints.length > 0 ? endpoints : [...endpoints, { registry, repository }];
}
