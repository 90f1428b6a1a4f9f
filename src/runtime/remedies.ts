// What can be missing for a rung of the isolation ladder, and the exact commands that give it, by distribution and container engine. Pure.
import type { ContainerEngine, Distribution, MachineFacts } from './machine-facts.ts';

export type Lack =
  | 'linux'
  | 'root'
  | 'mount'
  | 'chroot'
  | 'oci runtime'
  | 'user namespaces'
  | 'own proc'
  | 'id mapping'
  | 'subordinate ids'
  | 'filter of system calls';

export interface Missing {
  lack: Lack;
  /** What is missing: a sentence without its full stop. */
  what: string;
  /** Commands and settings, each of which mends it. */
  remedies: readonly string[];
}

type Packages = Readonly<Record<Distribution, string>>;

const install = ({ distribution }: MachineFacts, packages: Packages, anywhere: string): string[] =>
  distribution === undefined ? [anywhere] : [packages[distribution]];

/** A flag of the engine that made the container; for a machine of its own what stands for `none`. */
function byEngine(
  { container }: MachineFacts,
  ways: Partial<Record<ContainerEngine | 'none', string[]>>,
): string[] {
  return ways[container ?? 'none'] ?? ways.docker ?? [];
}

const unconfined = {
  docker: '--security-opt seccomp=unconfined --security-opt apparmor=unconfined',
  pod: 'securityContext: {seccompProfile: {type: Unconfined}, appArmorProfile: {type: Unconfined}}',
};

const sysctl = (setting: string): string =>
  `sudo sysctl -w ${setting} (and in /etc/sysctl.d/99-slipway.conf, to keep it)`;

function userNamespaces(facts: MachineFacts): Missing {
  const missing = (what: string, remedies: string[]): Missing => ({
    lack: 'user namespaces',
    what,
    remedies,
  });
  switch (facts.userNamespaces) {
    case 'limit':
      return missing('this machine allows no user namespaces: user.max_user_namespaces is 0', [
        sysctl('user.max_user_namespaces=28633'),
      ]);
    case 'sysctl':
      return missing('only root may make user namespaces: kernel.unprivileged_userns_clone is 0', [
        sysctl('kernel.unprivileged_userns_clone=1'),
      ]);
    case 'apparmor':
      return missing(
        'AppArmor takes the rights away in user namespaces: kernel.apparmor_restrict_unprivileged_userns is 1',
        [
          sysctl('kernel.apparmor_restrict_unprivileged_userns=0'),
          'or a profile for Node.js alone: echo "abi <abi/4.0>, profile slipway $(readlink -f "$(which node)") flags=(unconfined) { userns, }" | sudo tee /etc/apparmor.d/slipway && sudo apparmor_parser -r /etc/apparmor.d/slipway',
        ],
      );
    default:
      return missing(
        facts.filtered
          ? 'the filter of system calls around this process refuses user namespaces'
          : 'the kernel refuses user namespaces',
        byEngine(facts, {
          none: [
            'start slipway outside of what confines it (a service: SystemCallFilter, RestrictNamespaces=no)',
          ],
          docker: [`docker run ${unconfined.docker} --security-opt systempaths=unconfined …`],
          podman: ['podman run --security-opt seccomp=unconfined --security-opt unmask=ALL …'],
          kubernetes: [`hostUsers: false, with ${unconfined.pod.replace(/}$/, ', procMount: Unmasked}')}`],
        }),
      );
  }
}

function subordinateIds({ distribution, userName, uid, freeSubid, subids }: MachineFacts): Missing {
  const user = userName ?? `${uid}`;
  const range = `${freeSubid}-${freeSubid + 65535}`;
  const lines = `echo ${user}:${freeSubid}:65536 | sudo tee -a /etc/subuid /etc/subgid`;
  return {
    lack: 'subordinate ids',
    what: `${user} has ${subids.uids} ids in /etc/subuid and ${subids.gids} in /etc/subgid, of the 65536 that images use`,
    remedies: [
      userName === undefined || distribution === 'alpine'
        ? lines
        : `sudo usermod --add-subuids ${range} --add-subgids ${range} ${user}`,
    ],
  };
}

function idMapping(facts: MachineFacts): Missing {
  const lack = 'id mapping';
  if (facts.idMapping === 'missing') {
    const packages: Packages = {
      debian: 'sudo apt-get install uidmap',
      fedora: 'sudo dnf install shadow-utils',
      alpine: 'sudo apk add shadow-uidmap',
      arch: 'sudo pacman -S shadow',
      suse: 'sudo zypper install shadow',
    };
    const what = 'newuidmap and newgidmap are not installed';
    return {
      lack,
      what,
      remedies: install(facts, packages, 'install newuidmap and newgidmap (shadow, uidmap)'),
    };
  }
  if (!facts.noNewPrivileges) {
    const what = 'newuidmap and newgidmap have no right to map ids';
    return { lack, what, remedies: ['sudo chmod u+s "$(which newuidmap)" "$(which newgidmap)"'] };
  }
  const what = 'newuidmap can gain no rights: this process has no_new_privs';
  const remedies = byEngine(facts, {
    none: ['start slipway without no_new_privs (a service: NoNewPrivileges=no)'],
    docker: ['leave out --security-opt no-new-privileges'],
    kubernetes: ['securityContext: {allowPrivilegeEscalation: true}'],
  });
  return { lack, what, remedies };
}

/** What `lack` is on this machine, and what mends it. */
export function missingThing(lack: Lack, facts: MachineFacts): Missing {
  const missing = (what: string, remedies: string[]): Missing => ({ lack, what, remedies });
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
      return missing(
        'root has no right to mount (CAP_SYS_ADMIN)',
        byEngine(facts, {
          none: ['start slipway with CAP_SYS_ADMIN (a service: CapabilityBoundingSet)'],
          docker: [`docker run --cap-add SYS_ADMIN ${unconfined.docker} …`, 'docker run --privileged …'],
          podman: [
            'podman run --cap-add SYS_ADMIN --security-opt seccomp=unconfined …',
            'podman run --privileged …',
          ],
          kubernetes: [
            `hostUsers: false, with ${unconfined.pod.replace(/}$/, ', capabilities: {add: [SYS_ADMIN]}, procMount: Unmasked}')}`,
            'securityContext: {privileged: true}',
          ],
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
      const packages: Packages = {
        debian: 'sudo apt-get install runc',
        fedora: 'sudo dnf install crun',
        alpine: 'sudo apk add crun',
        arch: 'sudo pacman -S crun',
        suse: 'sudo zypper install crun',
      };
      return missing('neither crun nor runc is on PATH', install(facts, packages, 'install crun or runc'));
    }
    case 'user namespaces':
      return userNamespaces(facts);
    case 'own proc':
      return missing(
        'no /proc of their own can be mounted for steps: that of this container has masks',
        byEngine(facts, {
          none: ['unmount what lies on files of /proc'],
          docker: ['docker run --security-opt systempaths=unconfined …'],
          podman: ['podman run --security-opt unmask=ALL …'],
          kubernetes: ['hostUsers: false, with securityContext: {procMount: Unmasked}'],
        }),
      );
    case 'id mapping':
      return idMapping(facts);
    case 'subordinate ids':
      return subordinateIds(facts);
    case 'filter of system calls':
      return missing('the kernel sets no filters of system calls', [
        'boot a kernel with CONFIG_SECCOMP_FILTER, and let the process around this one allow seccomp(2)',
      ]);
  }
}
