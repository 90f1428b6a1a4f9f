// What can be missing for a rung of the isolation ladder, and the exact commands that give it, by distribution and container engine. Pure.
import { byEngine, mountFlags, namespaceFlags, ociFlags } from './container-flags.ts';
import { idMapping } from './id-mapping.ts';
import type { MachineFacts } from './machine-facts.ts';
import type { Lack, Missing } from './missing.ts';
import { asRoot, inImage, installing, sudo } from './remedy-commands.ts';

export type { Lack, Missing } from './missing.ts';

/** Containers share the kernel's settings with the machine, and may not change them. */
function sysctl(facts: MachineFacts, setting: string): string {
  const command = `sysctl -w ${setting} (and in /etc/sysctl.d/99-slipway.conf, to keep it)`;
  return facts.container
    ? `on the machine that the container runs on: sudo ${command}`
    : `${sudo(facts)}${command}`;
}

const profile =
  'echo "abi <abi/4.0>, profile slipway $(readlink -f "$(command -v node)") flags=(unconfined) { userns, }" | sudo tee /etc/apparmor.d/slipway && sudo apparmor_parser -r /etc/apparmor.d/slipway';

function userNamespaces(facts: MachineFacts): Missing {
  const missing = (what: string, remedies: readonly string[]): Missing => ({
    lack: 'user namespaces',
    what,
    remedies,
  });
  switch (facts.userNamespaces) {
    case 'limit':
      return missing('this machine allows no user namespaces: user.max_user_namespaces is 0', [
        sysctl(facts, 'user.max_user_namespaces=28633'),
      ]);
    case 'sysctl':
      return missing('only root may make user namespaces: kernel.unprivileged_userns_clone is 0', [
        sysctl(facts, 'kernel.unprivileged_userns_clone=1'),
      ]);
    case 'apparmor':
      return missing(
        'AppArmor takes the rights away in user namespaces: kernel.apparmor_restrict_unprivileged_userns is 1',
        [
          sysctl(facts, 'kernel.apparmor_restrict_unprivileged_userns=0'),
          ...(facts.container ? [] : [`a profile for Node.js alone: ${profile}`]),
        ],
      );
    default:
      return missing(
        facts.filtered
          ? 'the filter of system calls around this process refuses user namespaces'
          : 'the kernel refuses user namespaces',
        byEngine(facts, {
          ...namespaceFlags,
          none: [
            'start slipway outside of what confines it (a service: SystemCallFilter, RestrictNamespaces=no)',
          ],
        }),
      );
  }
}

function subordinateIds(facts: MachineFacts): Missing {
  const { distribution, userName, uid, freeSubid, subids, idSpace, container } = facts;
  const user = userName ?? `${uid}`;
  const what = `${user} has ${subids.uids} ids in /etc/subuid and ${subids.gids} in /etc/subgid, of the 65536 that images use`;
  const range = `${freeSubid}-${freeSubid + 65_535}`;
  // In a user namespace there are no ids but its own to be given.
  const isWithin = freeSubid + 65_536 > idSpace;
  if (userName !== undefined && distribution !== 'alpine' && !container && !isWithin) {
    const command = `usermod --add-subuids ${range} --add-subgids ${range} ${user}`;
    return { lack: 'subordinate ids', what, remedies: [`${sudo(facts)}${command}`] };
  }
  const ranges = isWithin ? [`1:${uid - 1}`, `${uid + 1}:${idSpace - uid - 1}`] : [`${freeSubid}:65536`];
  const lines = ranges.map((each) => `${user}:${each}`).join('\\n');
  const tee = `${container ? '' : sudo(facts)}tee -a /etc/subuid /etc/subgid`;
  const command = `printf '${lines}\\n' | ${tee}`;
  return { lack: 'subordinate ids', what, remedies: [container ? inImage(command) : command] };
}

/** What `lack` is on this machine, and what mends it. */
export function missingThing(lack: Lack, facts: MachineFacts): Missing {
  const missing = (what: string, remedies: readonly string[]): Missing => ({ lack, what, remedies });
  switch (lack) {
    case 'linux':
      return missing(`this is ${facts.platform}; steps run on Linux`, [
        'build on Linux or in a Linux virtual machine; Dockerfiles without RUN build here',
      ]);
    case 'root':
      return missing(
        'this process is not root',
        byEngine(facts, {
          none: ['sudo slipway …'],
          docker: ['docker run --user 0 …'],
          podman: ['podman run --user 0 …'],
          kubernetes: ['securityContext: {runAsUser: 0, runAsNonRoot: false}'],
        }),
      );
    case 'mount':
    case 'mount for oci':
      return missing(
        'root has no right to mount (CAP_SYS_ADMIN)',
        byEngine(facts, {
          ...(lack === 'mount' ? mountFlags : ociFlags),
          none: ['start slipway with CAP_SYS_ADMIN (a service: CapabilityBoundingSet)'],
        }),
      );
    case 'chroot':
      return missing(
        'root has not all of CAP_SYS_CHROOT, CAP_SETPCAP and CAP_MKNOD',
        byEngine(facts, {
          none: ['start slipway with these capabilities (a service: CapabilityBoundingSet)'],
          docker: ['leave out --cap-drop'],
          kubernetes: [
            'securityContext: {capabilities: {drop: [], add: [SYS_CHROOT, SETPCAP, MKNOD, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETUID, SETGID]}}',
          ],
        }),
      );
    case 'oci runtime': {
      const commands = {
        debian: 'apt-get install -y runc',
        fedora: 'dnf install -y crun',
        alpine: 'apk add crun',
        arch: 'pacman -S --noconfirm crun',
        suse: 'zypper install -y crun',
      };
      return missing('neither crun nor runc is on PATH', installing(facts, commands, 'install crun or runc'));
    }
    case 'user namespaces':
      return userNamespaces(facts);
    case 'own proc':
      return missing(
        'no /proc of their own can be mounted for steps: that of this container has masks',
        byEngine(facts, { ...namespaceFlags, none: ['unmount what lies on files of /proc'] }),
      );
    case 'id mapping':
      return idMapping(facts);
    case 'subordinate ids':
      return subordinateIds(facts);
    case 'user name': {
      const command = `useradd --system --uid ${facts.uid} builder`;
      return missing(
        `user ${facts.uid} has no name in /etc/passwd, by which newuidmap knows whose ids they are`,
        [asRoot(facts, facts.distribution === 'alpine' ? `adduser -D -u ${facts.uid} builder` : command)],
      );
    }
    case 'programs':
      return missing('the mount that the state folder lies on allows no programs (noexec)', [
        'name a folder on a mount without noexec: --root, or SLIPWAY_ROOT',
      ]);
    case 'launcher':
      return missing('the launcher of the built-in sandbox has no code for this processor', [
        'use an OCI runtime: --isolation=oci',
      ]);
    case 'filter of system calls':
      return missing('the kernel, or what confines this process, allows no filters of system calls', [
        'boot a kernel with CONFIG_SECCOMP_FILTER, and let the process around this one allow seccomp(2)',
      ]);
  }
}
