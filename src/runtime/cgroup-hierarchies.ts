// The cgroup hierarchies of this machine and this process's place in each, from /proc. Pure.

export interface CgroupHierarchy {
  version: 1 | 2;
  /** Of version 1; in version 2 each group says which it has. */
  controllers: readonly string[];
  /** Where its root, or as much as can be seen of it, is mounted. */
  mount: string;
  /** This process's group as a path below `mount`; undefined where that is not to be seen there. */
  own: string | undefined;
}

const plain = (path: string): string =>
  path.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/** @param group path of a group in its hierarchy. @param root the group that is mounted. */
function below(group: string, root: string): string | undefined {
  if (root === '/') return group;
  return group === root || group.startsWith(`${root}/`) ? group.slice(root.length) || '/' : undefined;
}

/**
 * @param mountinfo /proc/self/mountinfo
 * @param groups /proc/self/cgroup
 */
export function parseHierarchies(mountinfo: string, groups: string): CgroupHierarchy[] {
  const own = groups.split('\n').flatMap((line) => {
    const [, id, names, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ version: id === '0' ? 2 : 1, names: names!.split(','), path }];
  });
  const found: CgroupHierarchy[] = [];
  for (const line of mountinfo.split('\n')) {
    const [before = '', after] = line.split(' - ');
    const [, , , root = '/', mount = ''] = before.split(' ').map(plain);
    const [type, , options = ''] = after?.split(' ') ?? [];
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const version = type === 'cgroup' ? 1 : 2;
    const words = options.split(',');
    const entry = own.find((one) =>
      version === 2
        ? one.version === 2
        : one.version === 1 && one.names.every((name) => words.includes(name)),
    );
    if (entry === undefined) continue;
    const controllers = version === 2 ? [] : entry.names.filter((name) => !name.includes('='));
    const seen = found.find((one) => one.version === version && `${one.controllers}` === `${controllers}`);
    const place = { version, controllers, mount, own: below(entry.path, root) } as const;
    if (seen === undefined) found.push(place);
    // Of several mounts, as bind mounts make them, the one that shows this process's group.
    else if (seen.own === undefined) Object.assign(seen, place);
  }
  return found;
}
