// Machines where the command line runs as somebody who is not root, or as a root who has lost a right.
import { readFile } from 'node:fs/promises';
import { type PoorMachine, poorFolder, poorMachine } from './poor-machine.ts';
import { requireFeature } from './require-feature.ts';
import { findProgram, mustRun, runCommand } from './run-command.ts';

export interface UserOptions {
  /** Whether the user has ranges in /etc/subuid and /etc/subgid. */
  subids: boolean;
  /** False where the kernel denies user namespaces, by a limit in a namespace around the user. */
  userNamespaces?: boolean;
  /** Whether programs can't gain rights, as with `allowPrivilegeEscalation: false`: newuidmap is of no use then. */
  noNewPrivileges?: boolean;
}

const isRoot = (): boolean => requireFeature('root', process.getuid?.() === 0);
const hasSetpriv = (): boolean => requireFeature('setpriv', findProgram('setpriv') !== undefined);

async function mayMakeUserNamespaces(): Promise<boolean> {
  const setpriv = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  return (await runCommand([...setpriv, 'unshare', '--user', 'true'])).code === 0;
}

const userPrefix = 'slipway-t-';
let users = 0;

/** Those of tests that were killed. */
async function removeDeadUsers(): Promise<void> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  for (const [, name = '', pid] of passwd.matchAll(/^(slipway-t-(\d+)-\d+):/gm)) {
    try {
      process.kill(Number(pid), 0);
    } catch {
      await runCommand(['userdel', name]);
    }
  }
}

/** A user of the system, made for the test and removed at the end; undefined where that can't be. */
export async function poorUser(options: UserOptions): Promise<PoorMachine | undefined> {
  const { subids, userNamespaces = true, noNewPrivileges = false } = options;
  if (!isRoot() || !hasSetpriv()) return undefined;
  if (!requireFeature('useradd', findProgram('useradd') !== undefined)) return undefined;
  if (!requireFeature('user namespaces', await mayMakeUserNamespaces())) return undefined;
  if (subids && !requireFeature('newuidmap', findProgram('newuidmap') !== undefined)) return undefined;
  await removeDeadUsers();
  const name = `${userPrefix}${process.pid}-${++users}`;
  // Users of the system get no ranges of their own.
  await mustRun(['useradd', '--system', '--user-group', '--no-create-home', '--home-dir=/nonexistent', name]);
  const remove = async (): Promise<void> => {
    await mustRun(['userdel', name]);
  };
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number(await mustRun(['id', flag, name]))),
    );
    if (subids) {
      const first = 1_000_000_000 + uid! * 65536;
      const range = `${first}-${first + 65535}`;
      await mustRun(['usermod', `--add-subuids=${range}`, `--add-subgids=${range}`, name]);
    }
    const become = [
      ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
      ...(noNewPrivileges ? ['--no-new-privs'] : []),
    ];
    return await poorMachine({
      ...{ uid: uid!, gid: gid!, dir: await poorFolder() },
      name: `a user ${subids ? 'with' : 'without'} subordinate ids`,
      async enter(argv, cwd) {
        const user = ['env', `--chdir=${cwd}`, ...become, '--', ...argv];
        return userNamespaces ? user : withoutUserNamespaces(user);
      },
      leave: remove,
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Runs a command in a user namespace that is like the machine's, but that no other can be made in. The first shell is not root there
 * before its ids are mapped; the second has root's rights.
 */
function withoutUserNamespaces(argv: readonly string[]): string[] {
  const script = `
{
  for map in uid_map gid_map; do
    until echo '0 0 4294967295' >/proc/$$/$map || ! kill -0 $$; do sleep 0.01; done
  done
} </dev/null >/dev/null 2>&1 &
exec unshare --user sh -c 'until grep -q . /proc/self/uid_map && grep -q . /proc/self/gid_map; do sleep 0.01; done
exec sh -c "echo 0 >/proc/sys/user/max_user_namespaces && exec \\"\\$@\\"" sh "$@"' sh "$@"`;
  return ['sh', '-c', script, 'sh', ...argv];
}

/** Root of the machine without CAP_SYS_ADMIN: no mounts, no namespaces but through a user namespace. */
export async function rootWithoutSysAdmin(
  options: { userNamespaces?: boolean } = {},
): Promise<PoorMachine | undefined> {
  if (!isRoot() || !hasSetpriv()) return undefined;
  const { userNamespaces = true } = options;
  if (!userNamespaces && !requireFeature('user namespaces', await mayMakeUserNamespaces())) return undefined;
  return poorMachine({
    ...{ name: 'root without CAP_SYS_ADMIN', uid: 0, gid: 0, dir: await poorFolder() },
    async enter(argv, cwd) {
      const less = ['env', `--chdir=${cwd}`, 'setpriv', '--bounding-set=-sys_admin', '--', ...argv];
      return userNamespaces ? less : withoutUserNamespaces(less);
    },
  });
}
