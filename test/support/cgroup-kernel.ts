// A cgroup tree of version 2 in memory, at /cg, that refuses what the kernel refuses.
import { posix } from 'node:path';
import type { CgroupSystem } from '../../src/runtime/step-cgroup.ts';

interface Group {
  processes: number;
  files: Map<string, string>;
}

const refuse = (code: string): never => {
  throw Object.assign(new Error(code), { code });
};

/** @param own the builder's group; it holds a process. @param controllers those of the root. */
export function createCgroupKernel(
  own: string,
  controllers: readonly string[],
  options: { readonly?: boolean } = {},
) {
  const tree = new Map<string, Group>();
  const inside = (path: string): string => path.slice('/cg'.length) || '/';
  const place = (path: string): [Group | undefined, string] => {
    const file = inside(path);
    return [tree.get(posix.dirname(file)), posix.basename(file)];
  };

  const heldBy = (path: string): string[] =>
    tree.get(posix.dirname(path))!.files.get('cgroup.subtree_control')!.split(' ').filter(Boolean);

  const files: CgroupSystem['files'] = {
    read(path) {
      const [group, name] = place(path);
      if (name === 'cgroup.controllers' && group && path !== '/cg/cgroup.controllers')
        return heldBy(posix.dirname(inside(path))).join(' ');
      if (name === 'cgroup.procs' && group) return '1\n'.repeat(group.processes);
      return group?.files.get(name);
    },
    write(path, value) {
      const [group, name] = place(path);
      if (options.readonly) refuse('EROFS');
      if (!group?.files.has(name)) return refuse('ENOENT');
      if (name === 'cpuset.cpus' && Number(value) > 64) refuse('ERANGE');
      if (name === 'cgroup.subtree_control') {
        // Controllers of threads may be given to groups with processes; what is made there takes none.
        const isForThreads = value.split(' ').every((word) => ['+cpu', '+cpuset', '+pids'].includes(word));
        if (group.processes > 0 && !isForThreads) refuse('EBUSY');
        const before = group.files.get(name)!.split(' ').filter(Boolean);
        group.files.set(name, [...before, ...value.split(' ').map((word) => word.slice(1))].join(' '));
      } else group.files.set(name, value);
    },
    make(folder) {
      const path = inside(folder);
      if (options.readonly) refuse('EROFS');
      if (tree.has(path)) refuse('EEXIST');
      if (!tree.has(posix.dirname(path))) refuse('ENOENT');
      const held = heldBy(path);
      const entries: [string, string][] = [
        ['cgroup.controllers', ''],
        ['cgroup.subtree_control', ''],
        ['cgroup.procs', ''],
        ['cgroup.type', 'domain'],
      ];
      if (held.includes('memory'))
        entries.push(['memory.max', 'max'], ['memory.events', 'oom 0\noom_kill 0\n']);
      if (held.includes('cpu')) entries.push(['cpu.max', 'max 100000'], ['cpu.weight', '100']);
      if (held.includes('cpuset')) entries.push(['cpuset.cpus', ''], ['cpuset.mems', '']);
      if (held.includes('pids')) entries.push(['pids.max', 'max']);
      tree.set(path, { processes: 0, files: new Map(entries) });
    },
    remove(folder) {
      const path = inside(folder);
      if ((tree.get(path)?.processes ?? 0) > 0 || files.groups(folder).length > 0) return false;
      tree.delete(path);
      return true;
    },
    groups: (folder) =>
      [...tree.keys()]
        .filter((path) => path !== '/' && posix.dirname(path) === inside(folder))
        .map((path) => posix.basename(path)),
  };

  tree.set('/', {
    processes: own === '/' ? 1 : 0,
    files: new Map([
      // What is seen of a tree: the root of all has none.
      ['cgroup.type', 'domain'],
      ['cgroup.controllers', controllers.join(' ')],
      ['cgroup.procs', ''],
      // As systemd does it, for the first level.
      ['cgroup.subtree_control', own === '/' ? '' : controllers.join(' ')],
    ]),
  });
  const { readonly } = options;
  options.readonly = false;
  let built = '/cg';
  for (const name of own.split('/').filter(Boolean)) {
    built = `${built}/${name}`;
    files.make(built);
  }
  tree.get(own)!.processes = 1;
  if (readonly) options.readonly = true;

  return {
    system: {
      files,
      hierarchies: [{ version: 2, controllers: [], mount: '/cg', own }],
    } satisfies CgroupSystem as CgroupSystem,
    /** Paths of the groups in a group, without /cg. */
    groups: (path: string): string[] => files.groups(`/cg${path}`).map((name) => posix.join(path, name)),
    value: (path: string): string | undefined => files.read(`/cg${path}`),
    set(path: string, value: string): void {
      tree.get(posix.dirname(path))!.files.set(posix.basename(path), value);
    },
  };
}
