// Files that a process sees in place of the image's: /etc/hosts and /etc/resolv.conf.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepMount, Tree } from '../seams.ts';
import { resolvePath } from '../tree/resolve.ts';

export interface NameSettings {
  hostname: string;
  extraHosts: readonly { name: string; ip: string }[];
  /** Content of /etc/resolv.conf. */
  resolvConf: string;
}

/** Path in the step → path on the host. */
export type SystemSources = Readonly<Record<string, string>>;

/** Writes them into a folder. */
export function writeSystemFiles(settings: NameSettings, folder: string): SystemSources {
  const { hostname, extraHosts, resolvConf } = settings;
  const hosts = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...extraHosts.map(({ name, ip }) => `${ip}\t${name}`),
    `127.0.0.1\t${hostname}`,
  ];
  const files = { '/etc/hosts': `${hosts.join('\n')}\n`, '/etc/resolv.conf': resolvConf };
  const sources: Record<string, string> = {};
  for (const [index, [path, text]] of Object.entries(files).entries()) {
    const source = join(folder, `system-${index}`);
    writeFileSync(source, text);
    chmodSync(source, 0o644);
    sources[path] = source;
  }
  return sources;
}

/** They are mounted over what `root` has there. */
export function systemMounts(sources: SystemSources, root: Tree): StepMount[] {
  return Object.entries(sources).map(([path, source]) => ({
    ...{ type: 'bind', source, readonly: true },
    target: resolvePath(root, path, { followLast: true }),
  }));
}
