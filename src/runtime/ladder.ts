// The isolation ladder as data: its rungs, strongest first, and what each protects the machine from. docs/security.md shows it as a
// table. Pure.

/** In the order of the ladder. */
export const rungs = ['oci', 'sandbox', 'rootless', 'rootless-single', 'chroot'] as const;
export type Rung = (typeof rungs)[number];

/** Whether a rung is `least` or stands above it. */
export const isAtLeast = (rung: Rung, least: Rung): boolean => rungs.indexOf(rung) <= rungs.indexOf(least);

/** What each protection is, as a row of the table says it. */
export const protections = {
  files: 'No file of the machine can be named but those of the step',
  processes: 'No other process can be seen, traced or signalled',
  ipc: 'Own System V and POSIX IPC, own host name, own view of cgroups',
  capabilities: "Root has Docker's default capabilities and no others",
  seccomp: "System calls are filtered as by Docker's default profile",
  masks: 'What /proc and /sys tell and change of the machine is masked or read-only',
  devices: 'No device but null, zero, full, random, urandom, tty and terminals',
  root: "Root in a step is not the machine's root",
  users: 'Users of a step are kept apart by the kernel',
  network: '`--network=none` is held',
  resources: '`--resource` limits are held by cgroups',
  ulimits: '`--ulimit` and `--shm-size` are held',
  end: 'No process of a step outlives it',
} as const;
export type Protection = keyof typeof protections;

/** `with` names what it rests on, where that is not always there; `but` says what is left open, `told` in few words: "steps …". */
export type Hold =
  | { holds: 'yes'; with?: string }
  | { holds: 'partly'; but: string; told: string }
  | { holds: 'no' };

export interface RungFacts {
  /** For a heading. */
  title: string;
  /** What runs a step there: completes "steps run …". */
  how: string;
  protections: Readonly<Record<Protection, Hold>>;
}

const yes: Hold = { holds: 'yes' };
const no: Hold = { holds: 'no' };
const partly = (but: string, told: string): Hold => ({ holds: 'partly', but, told });
const given = (what: string): Hold => ({ holds: 'yes', with: what });

const namespaced = {
  ...{ files: yes, processes: yes, ipc: yes, capabilities: yes, seccomp: yes, masks: yes, devices: yes },
  ...{ network: yes, ulimits: yes, end: yes },
} as const;
const asRoot = { ...namespaced, root: no, users: yes, resources: given('cgroups that can be written to') };
const inUserNamespace = {
  ...namespaced,
  root: given(
    'a builder who is not root; where root builds so, what gets out of a step has the files of root in its reach, and none of its rights',
  ),
  resources: given('a group of cgroup v2 that is delegated to the user'),
};

export const ladder: Readonly<Record<Rung, RungFacts>> = {
  oci: {
    title: 'OCI runtime',
    how: 'in crun or runc, as root',
    protections: asRoot,
  },
  sandbox: {
    title: 'built-in sandbox',
    how: 'in namespaces of their own, as root',
    protections: asRoot,
  },
  rootless: {
    title: 'rootless',
    how: 'in a user namespace with a range of ids',
    protections: { ...inUserNamespace, users: yes },
  },
  'rootless-single': {
    title: 'rootless, one id',
    how: 'in a user namespace with one id',
    protections: {
      ...inUserNamespace,
      users: partly(
        'all of them are one user to the kernel; owners are only remembered',
        'run as one user, whoever USER names',
      ),
    },
  },
  chroot: {
    title: 'chroot',
    how: 'in another root folder, with no namespaces',
    protections: {
      files: partly(
        'no mount hides them: only the missing CAP_SYS_CHROOT keeps root in its folder',
        'are kept in their folder by a missing capability alone',
      ),
      processes: partly(
        'ids are shared: none can be traced or read, but one that is guessed can be signalled by root before Linux 6.12, and by the same user',
        'share process ids, IPC and host name with this machine',
      ),
      ipc: no,
      capabilities: given('fewer still: neither SYS_CHROOT nor MKNOD'),
      seccomp: partly(
        'steps of users other than root have only the filter around the builder',
        'have no filter of system calls of their own where USER is not root',
      ),
      masks: given('no /proc and no /sys at all'),
      devices: partly(
        'one that an image or an archive brings can be opened, where the machine around lets root do that',
        'can open device nodes of images where this machine lets root do that',
      ),
      root: no,
      users: yes,
      network: given('CAP_SYS_ADMIN; else such a step is refused'),
      resources: given('cgroups that can be written to; else such a step is refused'),
      ulimits: partly('`--shm-size` limits nothing', 'are not held to --shm-size'),
      end: partly(
        'all that a step started is found and ended, unless root kills what gathers it, which it can before Linux 6.12',
        'may leave processes behind before Linux 6.12',
      ),
    },
  },
};

/** What stands in for a rung without one of its protections meets no level that promises it. */
export function promises(rung: Rung, protection: Protection): boolean {
  return ladder[rung].protections[protection].holds !== 'no';
}

/** What is open on `rung` that a step in the sandbox is kept from, for the one line of a build: `own network, …`. */
export function lacking(rung: Rung, lacks: readonly Protection[] = []): Protection[] {
  const held = ladder.sandbox.protections;
  const own = ladder[rung].protections;
  return (Object.keys(protections) as Protection[]).filter(
    (each) => held[each].holds === 'yes' && (own[each].holds !== 'yes' || lacks.includes(each)),
  );
}
