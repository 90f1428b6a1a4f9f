// Reads what the isolation ladder has to know of this machine; whether user namespaces work is found out by making one.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { loadSys } from '../fs/sys.ts';
import { outerUser } from '../fs/user-namespace.ts';
import { allCapabilities } from './confinement.ts';
import { findCommand } from './find-command.ts';
import { containerOf, distributionOf, idSpaceOf, type MachineFacts, subidsOf } from './machine-facts.ts';

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const flag = (path: string): string => read(path).trim();

/** Whether a command ends well, without a word. */
function succeeds(argv: readonly string[], path: string): Promise<boolean> {
  const [file = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: { PATH: path }, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** Options that util-linux and busybox both have. */
async function tryNamespaces(path: string): Promise<Pick<MachineFacts, 'userNamespaces' | 'ownProc'>> {
  const proc = ['unshare', '-U', '-r', '-m', '-p', '-f', 'mount', '-t', 'proc', 'proc', '/proc'];
  if (await succeeds(proc, path)) return { userNamespaces: 'work', ownProc: true };
  if (await succeeds(['unshare', '-U', '-r', '-m', 'true'], path))
    return { userNamespaces: 'work', ownProc: false };
  return { userNamespaces: obstacle(), ownProc: false };
}

function obstacle(): MachineFacts['userNamespaces'] {
  if (flag('/proc/sys/user/max_user_namespaces') === '0') return 'limit';
  if (flag('/proc/sys/kernel/unprivileged_userns_clone') === '0' && process.getuid?.() !== 0) return 'sysctl';
  if (isFiltered()) return 'filter';
  if (flag('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') return 'apparmor';
  return 'refused';
}

const status = (name: string): string =>
  new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(read('/proc/self/status'))?.[1] ?? '';

const isFiltered = (): boolean => status('Seccomp') === '2';

function capabilitySet(name: 'CapEff' | 'CapBnd'): string[] {
  const bits = BigInt(`0x${status(name) || '0'}`);
  return allCapabilities.filter((_, number) => ((bits >> BigInt(number)) & 1n) === 1n);
}

/** newuidmap is setuid, or has capabilities of its own; neither helps on a mount with nosuid, which access(2) does not tell. */
function idMapping(path: string, noNewPrivileges: boolean): MachineFacts['idMapping'] {
  const programs = ['newuidmap', 'newgidmap'].map((name) => findCommand(name, `${path}:/usr/bin:/usr/sbin`));
  if (programs.includes(undefined)) return 'missing';
  if (noNewPrivileges) return 'powerless';
  const rights = programs.map((file) => {
    const { mode, uid } = statSync(file!);
    // Who is root by it is not the namespace's owner, and needs that capability to write its maps.
    if ((mode & 0o4000) !== 0 && uid === 0)
      return capabilitySet('CapBnd').includes('SYS_ADMIN') ? 'works' : 'setuid';
    return loadSys().getXattr(file!, 'security.capability') !== undefined ? 'works' : 'powerless';
  });
  return rights.find((right) => right !== 'works') ?? 'works';
}

/** As the system's own file has it, whoever this process says it is. */
const userName = (uid: number): string | undefined =>
  new RegExp(`^([^:\\n]+):[^:\\n]*:${uid}:`, 'm').exec(read('/etc/passwd'))?.[1];

/** @param env what container engines set there. */
export async function readFacts(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<MachineFacts> {
  // What is to be explained is the machine as it was before a namespace was entered.
  const outer = outerUser();
  const linux = process.platform === 'linux';
  const uid = outer ?? process.geteuid?.() ?? -1;
  const name = userName(uid);
  const noNewPrivileges = status('NoNewPrivs') === '1';
  const [uids, gids] = ['/etc/subuid', '/etc/subgid'].map((file) => subidsOf(read(file), { name, uid }));
  return {
    platform: process.platform,
    ...{ uid, userName: name, noNewPrivileges },
    capabilities: outer === undefined || outer === 0 ? capabilitySet('CapEff') : [],
    filtered: isFiltered(),
    distribution: distributionOf(read('/etc/os-release')),
    container: containerOf(env, existsSync, read('/proc/1/cgroup')),
    ...(linux ? await tryNamespaces(path) : { userNamespaces: 'refused', ownProc: false }),
    idMapping: linux ? idMapping(path, noNewPrivileges) : 'missing',
    subids: { uids: uids!.count, gids: gids!.count },
    freeSubid: Math.max(uids!.end, gids!.end),
    // That of the namespace around the one that was entered can't be seen.
    idSpace: (outer === undefined && idSpaceOf(read('/proc/self/uid_map'))) || 2 ** 32 - 1,
  };
}
