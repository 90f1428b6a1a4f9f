// Containers made with runc as Docker makes them, for a builder inside: its default capabilities, filter of system calls, masks and
// namespaces. The programs are the host's, read-only; the rest of the root is an overlay of its own, which stays between commands.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defaultCapabilities, maskedPaths, readonlyPaths } from '../../src/runtime/confinement.ts';
import { ociSeccomp } from '../../src/runtime/seccomp/oci-filter.ts';
import { heldCapabilities } from '../../src/runtime/step-layout.ts';
import { type PoorMachine, poorFolder, poorMachine } from './poor-machine.ts';
import { requireFeature } from './require-feature.ts';
import { requireRunc } from './run-bundle.ts';
import { findProgram, runCommand } from './run-command.ts';

export interface ContainerOptions {
  /** Who runs there; 0 where not given. */
  uid?: number;
  /**
   * Docker's filter of system calls where not given. `none` is `--security-opt seccomp=unconfined`. `refusing` forbids nothing but
   * that processes set filters of their own.
   */
  seccomp?: 'docker' | 'none' | 'refusing';
  /** As `docker run --privileged`: every capability, no masks. */
  privileged?: boolean;
  /** Taken from Docker's default capabilities, as with `--cap-drop`: `MKNOD`, or `ALL`. */
  drop?: readonly string[];
  /** Given besides, as with `--cap-add`. */
  add?: readonly string[];
  /** False as with `--security-opt systempaths=unconfined`. */
  masks?: false;
  noNewPrivileges?: boolean;
  /** Puts the state folder on the container's own root, an overlay, instead of a volume. */
  rootOnOverlay?: boolean;
}

const hostFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/usr', '/etc', '/opt'];

/** What the container's own root has: links as the host's, and places for mounts. */
function makeSkeleton(root: string, more: readonly string[]): string[] {
  const binds: string[] = [];
  for (const path of hostFolders.filter((each) => existsSync(each))) {
    if (lstatSync(path).isSymbolicLink()) {
      symlinkSync(readlinkSync(path), join(root, path));
    } else {
      mkdirSync(join(root, path));
      binds.push(path);
    }
  }
  for (const path of ['/proc', '/dev', '/sys', '/run', '/var/lib', '/var/tmp', '/root', '/home', ...more])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, '.dockerenv'), '');
  for (const path of ['/tmp', '/var/tmp']) {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), 0o1777);
  }
  return binds;
}

/** Refuses seccomp(2), and prctl(2) with PR_SET_SECCOMP, as kernels without them do. */
const refusing = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ociSeccomp(process.arch)?.architectures ?? [],
  syscalls: [
    { names: ['seccomp'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    {
      ...{ names: ['prctl'], action: 'SCMP_ACT_ERRNO', errnoRet: 22 },
      args: [{ index: 0, value: 22, op: 'SCMP_CMP_EQ' }],
    },
  ],
};

const filters = { docker: ociSeccomp(process.arch), none: undefined, refusing };

const node = (major: number, minor?: number) => ({
  ...{ allow: true, type: 'c', major, access: 'rwm' },
  ...(minor !== undefined && { minor }),
});

/** Docker's: nodes may be made, the usual ones used. */
const deviceRules = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[node(1, 3), node(1, 5), node(1, 7), node(1, 8), node(1, 9), node(5, 0), node(5, 2), node(136)],
];

function configOf(
  options: ContainerOptions,
  parts: { rootfs: string; binds: object[]; argv: string[]; cwd: string },
) {
  const { uid = 0, privileged = false, drop = [], add = [], noNewPrivileges = false } = options;
  const isMasked = !privileged && options.masks !== false;
  const seccomp = filters[options.seccomp ?? (privileged ? 'none' : 'docker')];
  // No container can have more than this process.
  const held = (privileged ? heldCapabilities() : [...defaultCapabilities, ...add])
    .filter((name) => !drop.includes(name) && !drop.includes('ALL'))
    .map((name) => `CAP_${name}`);
  const own = uid === 0 ? held : [];
  const quiet = ['nosuid', 'noexec', 'nodev'];
  const mount = (destination: string, type: string, flags: string[]) => ({
    ...{ destination, type, source: type, options: flags },
  });
  const readonly = privileged ? [] : ['ro'];
  return {
    ociVersion: '1.0.2',
    process: {
      ...{ terminal: false, user: { uid, gid: uid }, args: parts.argv, env: [], cwd: parts.cwd },
      capabilities: { bounding: held, effective: own, permitted: own, inheritable: [], ambient: [] },
      noNewPrivileges,
    },
    root: { path: parts.rootfs },
    hostname: 'poor',
    mounts: [
      mount('/proc', 'proc', quiet),
      mount('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
      mount('/dev/pts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
      mount('/dev/shm', 'tmpfs', [...quiet, 'mode=1777', 'size=65536k']),
      mount('/dev/mqueue', 'mqueue', quiet),
      mount('/sys', 'sysfs', [...quiet, ...readonly]),
      mount('/sys/fs/cgroup', 'cgroup', [...quiet, 'relatime', ...readonly]),
      ...parts.binds,
    ],
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
      ...(seccomp && { seccomp }),
      maskedPaths: isMasked ? maskedPaths : [],
      readonlyPaths: isMasked ? readonlyPaths : [],
      resources: { devices: privileged ? [{ allow: true, access: 'rwm' }] : deviceRules },
    },
  };
}

let containers = 0;

/** A container of its own for each command; undefined where none can be made. */
export async function poorContainer(options: ContainerOptions = {}): Promise<PoorMachine | undefined> {
  if (!requireRunc()) return undefined;
  if (!requireFeature('seccomp in runc', ociSeccomp(process.arch) !== undefined)) return undefined;
  const { uid = 0 } = options;
  const dir = await poorFolder();
  const [shared, program] = [dir.file('shared'), dir.file('program')];
  const [lower, upper, work, rootfs] = ['lower', 'upper', 'work', 'rootfs'].map((name) => dir.file(name));
  for (const folder of [lower!, upper!, work!, rootfs!]) await mkdir(folder);
  const programs = dirname(process.execPath);
  const own = hostFolders.some((folder) => `${programs}/`.startsWith(`${folder}/`)) ? [] : [programs];
  const readonly = [...makeSkeleton(lower!, [...own, shared, program]), ...own, program];
  const bind = (path: string, ...flags: string[]) => ({
    ...{ destination: path, type: 'bind', source: path, options: ['rbind', 'rprivate', ...flags] },
  });
  const binds = [...readonly.map((path) => bind(path, 'ro')), bind(shared)];
  const root = options.rootOnOverlay ? '/var/lib/slipway' : undefined;
  if (root !== undefined) {
    await mkdir(join(lower!, root));
    await chown(join(lower!, root), uid, uid);
  }
  const runc = [findProgram('runc')!, '--root', dir.file('runc')];
  const name = `a container${options.privileged ? ' with all rights' : ''} for ${uid === 0 ? 'root' : `user ${uid}`}`;
  return poorMachine({
    ...{ name, uid, gid: uid, dir, root },
    async enter(argv, cwd) {
      const id = `slipway-poor-${process.pid}-${++containers}`;
      const bundle = dir.file(id);
      await mkdir(bundle);
      const config = configOf(options, { rootfs: rootfs!, binds, argv, cwd });
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
      // The root's mount lives in a namespace that ends with the container.
      const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work},index=off`;
      const script = 'mount -t overlay overlay -o "$1" "$2" && shift 2 && exec "$@"';
      return [
        ...['unshare', '--mount', 'sh', '-c', script, 'sh', layers, rootfs!],
        ...[...runc, 'run', '--bundle', bundle, id],
      ];
    },
    async leave() {
      const { stdout } = await runCommand([...runc, 'list', '--quiet']);
      for (const id of stdout.split('\n').filter(Boolean))
        await runCommand([...runc, 'delete', '--force', id]);
    },
  });
}
