// What goes into a RUN's key: its text, what it sees of variables and root, and what its mounts show. No secret's value.
import type { ExecMount, ExecOp } from '../graph/vertex.ts';
import { digestOf } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { KeyTree } from '../seams.ts';
import type { ExecSettings } from './environment.ts';

/** A mount without its content. A cache's id and sharing do not count. */
function mountKey(mount: ExecMount): KeyTree {
  switch (mount.type) {
    case 'bind':
      return { type: 'bind', target: mount.target, source: mount.source, readOnly: String(mount.readOnly) };
    case 'cache':
      return { type: 'cache', target: mount.target, readOnly: String(mount.readOnly) };
    case 'tmpfs':
      return { type: 'tmpfs', target: mount.target, size: String(mount.size) };
    case 'secret':
      return {
        type: 'secret',
        id: mount.id,
        target: mount.target ?? '',
        env: mount.env ?? '',
        mode: mount.mode.toString(8),
        owner: `${mount.uid}:${mount.gid}`,
      };
    case 'ssh':
      return {
        type: 'ssh',
        id: mount.id,
        target: mount.target ?? '',
        mode: mount.mode.toString(8),
        owner: `${mount.uid}:${mount.gid}`,
      };
  }
}

/** Names of extra hosts count, their addresses do not: as in BuildKit. */
function settingsKey(settings: ExecSettings): KeyTree {
  return {
    hostname: settings.hostname,
    hosts: settings.extraHosts.map(({ name }) => name).join(' '),
    shmSize: String(settings.shmSize ?? ''),
    ulimits: settings.ulimits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`).join(' '),
  };
}

/** `content(i)`: what mount i shows, as far as it has an input. */
export function execKey(
  op: ExecOp,
  settings: ExecSettings,
  seen: { root: string; content(index: number): KeyTree | string | undefined },
): KeyTree {
  const mounts: KeyTree = {};
  for (const [index, mount] of op.mounts.entries()) {
    const shown = seen.content(index);
    mounts[String(index)] = shown === undefined ? mountKey(mount) : { ...mountKey(mount), content: shown };
  }
  return {
    type: 'exec',
    command: JSON.stringify(op.argv),
    script: op.script ? `${op.script.name}\n${op.script.data}` : '',
    env: Object.fromEntries(op.env.map(([name, value]) => [name, digestOf(value)])),
    workdir: op.cwd,
    user: op.user,
    network: op.network,
    security: op.security,
    platform: formatPlatform(op.platform),
    root: seen.root,
    mounts,
    settings: settingsKey(settings),
  };
}
