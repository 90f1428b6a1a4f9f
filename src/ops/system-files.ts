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

/** Writes them into `scratch`, as mounts over what `root` has there. */
export function systemFiles(settings: NameSettings, root: Tree, scratch: string): StepMount[] {
  const { hostname, extraHosts, resolvConf } = settings;
  const hosts = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...extraHosts.map(({ name, ip }) => `${ip}\t${name}`),
    `127.0.0.1\t${hostname}`,
  ];
  const files = { '/etc/hosts': `${hosts.join('\n')}\n`, '/etc/resolv.conf': resolvConf };
  return Object.entries(files).map(([path, text], index) => {
    const source = join(scratch, `system-${index}`);
    writeFileSync(source, text);
    chmodSync(source, 0o644);
    return { type: 'bind', source, target: resolvePath(root, path, { followLast: true }), readonly: true };
  });
}
