// What the isolation ladder has to know of a machine, and how the texts of /etc and /proc tell it. Pure; read-facts.ts reads them.

export type Distribution = 'debian' | 'fedora' | 'alpine' | 'arch' | 'suse';
export type ContainerEngine = 'docker' | 'podman' | 'kubernetes' | 'other';

export interface MachineFacts {
  /** As `process.platform` has it. */
  platform: string;
  uid: number;
  /** Undefined where the user has no name. */
  userName: string | undefined;
  /** Effective ones, without the `CAP_` prefix. */
  capabilities: readonly string[];
  /** Programs that this process starts can't gain rights (`no_new_privs`). */
  noNewPrivileges: boolean;
  /** A filter of system calls holds for this process. */
  filtered: boolean;
  distribution: Distribution | undefined;
  /** What this process is in a container of. */
  container: ContainerEngine | undefined;
  /** Whether it may make user namespaces with rights in them, and else what is in the way. */
  userNamespaces: 'work' | 'limit' | 'sysctl' | 'apparmor' | 'filter' | 'refused';
  /** Whether it may mount a /proc of its own there. */
  ownProc: boolean;
  /** Whether newuidmap and newgidmap are there, and may do their work. `setuid`: they are, which helps only where CAP_SYS_ADMIN can be had. */
  idMapping: 'works' | 'missing' | 'powerless' | 'setuid';
  /** How many subordinate ids the user has. */
  subids: { uids: number; gids: number };
  /** The first id that nobody has a range above. */
  freeSubid: number;
  /** How many ids there are here, from 0 on: fewer than all in a user namespace, as of a rootless container. */
  idSpace: number;
}

const families: Readonly<Record<string, Distribution>> = {
  ...{ debian: 'debian', ubuntu: 'debian', fedora: 'fedora', rhel: 'fedora', centos: 'fedora' },
  ...{ alpine: 'alpine', wolfi: 'alpine', arch: 'arch', suse: 'suse', opensuse: 'suse' },
};

/** @param text of /etc/os-release */
export function distributionOf(text: string): Distribution | undefined {
  const field = (name: string): string[] =>
    (new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '').replace(/["']/g, '').split(' ');
  return [...field('ID'), ...field('ID_LIKE')].map((id) => families[id.split('-')[0]!]).find(Boolean);
}

export interface SubidRanges {
  count: number;
  /** The first id above all ranges. */
  end: number;
}

/** @param text of /etc/subuid or /etc/subgid (subuid(5)) */
export function subidsOf(text: string, user: { name: string | undefined; uid: number }): SubidRanges {
  const found: SubidRanges = { count: 0, end: 100_000 };
  for (const [, owner, start, count] of text.matchAll(/^([^:\s]+):(\d+):(\d+)\s*$/gm)) {
    if (owner === user.name || owner === `${user.uid}`) found.count += Number(count);
    found.end = Math.max(found.end, Number(start) + Number(count));
  }
  return found;
}

/** @param map text of /proc/self/uid_map */
export function idSpaceOf(map: string): number {
  let end = 0;
  for (const [, start, count] of map.matchAll(/^\s*(\d+)\s+\d+\s+(\d+)$/gm))
    if (Number(start) === end) end += Number(count);
  return end;
}

/** Which engine made the container that a process is in. @param has whether a path exists. @param cgroup text of /proc/1/cgroup */
export function containerOf(
  env: Readonly<Record<string, string | undefined>>,
  has: (path: string) => boolean,
  cgroup: string,
): ContainerEngine | undefined {
  if (env['KUBERNETES_SERVICE_HOST'] || has('/var/run/secrets/kubernetes.io')) return 'kubernetes';
  if (has('/run/.containerenv') || env['container'] === 'podman') return 'podman';
  if (has('/.dockerenv') || /\/docker[/-]/.test(cgroup)) return 'docker';
  return env['container'] || /\/(kubepods|libpod|lxc|containerd)/.test(cgroup) ? 'other' : undefined;
}
