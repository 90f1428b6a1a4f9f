// The surroundings in which strangers run builds, by name. Each is made for the test; undefined, and said, where this machine can't.
import { poorContainer } from './poor-container.ts';
import type { PoorMachine } from './poor-machine.ts';
import { poorUser, rootWithoutSysAdmin } from './poor-user.ts';

export type { PoorMachine } from './poor-machine.ts';

export const poorMachines = {
  /** Somebody on a usual Linux machine: `rootless`. */
  user: () => poorUser({ subids: true }),
  /** `rootless-single`. */
  'user without subids': () => poorUser({ subids: false }),
  /** newuidmap gains no rights: `rootless-single`. */
  'user without new privileges': () => poorUser({ subids: true, noNewPrivileges: true }),
  /** As where `user.max_user_namespaces` is 0: nothing that runs steps. */
  'user without namespaces': () => poorUser({ subids: true, userNamespaces: false }),
  /** Root without the right to mount: user namespaces are what is left. */
  'root without SYS_ADMIN': () => rootWithoutSysAdmin(),
  /** And without those: `chroot`. */
  'root without SYS_ADMIN and namespaces': () => rootWithoutSysAdmin({ userNamespaces: false }),
  /** `docker run`, as root: `chroot`. */
  container: () => poorContainer(),
  /** The same, with the state on the container's own root. */
  'container on overlay': () => poorContainer({ rootOnOverlay: true }),
  /** `docker run --user 1000`: nothing that runs steps. */
  'container for a user': () => poorContainer({ uid: 1000 }),
  /** `docker run --security-opt seccomp=unconfined`: user namespaces. */
  'container without seccomp': () => poorContainer({ seccomp: 'none' }),
  /** The same with `--user 1000`: `rootless-single`, where steps have an empty /proc. */
  'container without seccomp for a user': () => poorContainer({ seccomp: 'none', uid: 1000 }),
  /** `docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined`: `rootless`. */
  'container without seccomp and masks': () => poorContainer({ seccomp: 'none', masks: false }),
  /** The same with `--user 1000`. */
  'container without seccomp and masks for a user': () =>
    poorContainer({ seccomp: 'none', masks: false, uid: 1000 }),
  /** `docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined`: `sandbox`. */
  'container with SYS_ADMIN': () => poorContainer({ seccomp: 'none', add: ['SYS_ADMIN'] }),
  /** A pod of the restricted profile: a user, no capabilities, no new privileges. */
  'restricted pod': () => poorContainer({ uid: 1000, drop: ['ALL'], noNewPrivileges: true }),
  /** `docker run --privileged`: `sandbox`. */
  'privileged container': () => poorContainer({ privileged: true }),
  /** A kernel without filters of system calls, or that allows none. */
  'machine without seccomp': () => poorContainer({ privileged: true, seccomp: 'refusing' }),
} as const satisfies Record<string, () => Promise<PoorMachine | undefined>>;

export type PoorMachineName = keyof typeof poorMachines;
