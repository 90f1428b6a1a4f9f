// The config.json of a step for an OCI runtime (OCI runtime-spec 1.0.2). Pure.
import type { StepMount, StepSpec } from '../seams.ts';
import { allCapabilities, defaultCapabilities, defaultShmSize, readonlyPaths } from './confinement.ts';
import { type MountPlaces, mountSource } from './mount-table.ts';
import { type OciSeccomp, ociSeccomp } from './seccomp/oci-filter.ts';

export interface OciMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

/** The part of the runtime-spec that a step uses. */
export interface OciSpec {
  ociVersion: string;
  process: {
    terminal: boolean;
    user: { uid: number; gid: number; umask: number; additionalGids: number[] };
    args: string[];
    env: string[];
    cwd: string;
    capabilities: Record<'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient', string[]>;
    rlimits: { type: string; soft: number; hard: number }[];
    noNewPrivileges: boolean;
  };
  root: { path: string; readonly: boolean };
  hostname: string;
  mounts: OciMount[];
  linux: {
    namespaces: { type: string }[];
    seccomp?: OciSeccomp;
    maskedPaths: string[];
    readonlyPaths: string[];
    resources: {
      devices: { allow: boolean; type?: string; major?: number; minor?: number; access: string }[];
    };
  };
}

export interface OciPlaces extends MountPlaces {
  /** What becomes /dev, already put together. */
  dev: string;
}

const mount = (destination: string, type: string, options: string[], source = type): OciMount => ({
  destination,
  type,
  source,
  options,
});

function stepMount(step: StepMount, tree: string, flags: string[]): OciMount {
  if (step.type === 'tmpfs') {
    const size = step.size === undefined ? [] : [`size=${step.size}`];
    return mount(step.target, 'tmpfs', ['nosuid', ...size, ...flags]);
  }
  const options = ['bind', 'rprivate', step.readonly ? 'ro' : 'rw', ...flags];
  return mount(step.target, 'bind', options, mountSource(step, tree));
}

const node = (major: number, minor: number | undefined) => ({
  ...{ allow: true, type: 'c', major, access: 'rwm' },
  ...(minor === undefined ? {} : { minor }),
});

/** Any node may be made; null, zero, full, random, urandom, tty, ptmx and pts may be used. */
const deviceRules: OciSpec['linux']['resources']['devices'] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[
    node(1, 3),
    node(1, 5),
    node(1, 7),
    node(1, 8),
    node(1, 9),
    node(5, 0),
    node(5, 2),
    node(136, undefined),
  ],
];

/**
 * @param places where the root, /dev and the trees are put together on the host; they are mounted already.
 * @param options.flags mount options of whatever is mounted for the step (`nodev`).
 * @param options.held the capabilities that the builder has: others can't be given.
 * @param options.architecture as `process.arch` has it: of the filter of system calls.
 * @param options.masked what is hidden.
 * @param options.cgroup whether the host has cgroups that the step can be shown.
 */
export function createOciSpec(
  step: StepSpec,
  places: OciPlaces,
  options: {
    flags: string[];
    cgroup: boolean;
    held: readonly string[];
    architecture: string;
    masked: readonly string[];
  },
): OciSpec {
  const insecure = step.security === 'insecure';
  const capabilities = (insecure ? allCapabilities : defaultCapabilities)
    .filter((name) => options.held.includes(name))
    .map((name) => `CAP_${name}`);
  const { argv, env, cwd, uid, gid, groups } = step.process;
  const quiet = ['nosuid', 'noexec', 'nodev'];
  const sys = insecure ? 'rw' : 'ro';
  const shm = `size=${step.shmSize ?? defaultShmSize}`;
  const namespaces = ['pid', 'ipc', 'uts', 'mount', 'cgroup'];
  if (step.network === 'none') namespaces.push('network');
  const seccomp = insecure ? undefined : ociSeccomp(options.architecture);
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid, gid, umask: 0o022, additionalGids: groups },
      args: argv,
      env,
      cwd,
      capabilities: {
        bounding: capabilities,
        effective: capabilities,
        permitted: capabilities,
        inheritable: [],
        ambient: [],
      },
      rlimits: step.ulimits.map(({ name, soft, hard }) => ({
        ...{ type: `RLIMIT_${name.toUpperCase()}`, soft, hard },
      })),
      noNewPrivileges: false,
    },
    root: { path: places.rootfs, readonly: step.readonly ?? false },
    hostname: step.hostname,
    mounts: [
      mount('/proc', 'proc', quiet),
      mount('/dev', 'bind', ['rbind', 'rprivate'], places.dev),
      mount('/dev/pts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
      mount('/dev/shm', 'tmpfs', [...quiet, 'mode=1777', shm], 'shm'),
      mount('/dev/mqueue', 'mqueue', quiet),
      mount('/sys', 'sysfs', [...quiet, sys]),
      ...(options.cgroup ? [mount('/sys/fs/cgroup', 'cgroup', [...quiet, 'relatime', sys])] : []),
      ...step.mounts.map((each, index) => stepMount(each, places.tree(index), options.flags)),
    ],
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      ...(seccomp && { seccomp }),
      maskedPaths: insecure ? [] : [...options.masked],
      readonlyPaths: insecure ? [] : [...readonlyPaths],
      resources: { devices: insecure ? [{ allow: true, access: 'rwm' }] : deviceRules },
    },
  };
}
