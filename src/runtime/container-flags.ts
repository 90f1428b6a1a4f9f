// How each container engine is asked for more rights around the process that builds. Pure.
import type { ContainerEngine, MachineFacts } from './machine-facts.ts';

export type Ways = Partial<Record<ContainerEngine | 'none', readonly string[]>>;

/** Those of the engine that made the container, Docker's for one that is not known; outside of any what stands for `none`. */
export function byEngine({ container }: Pick<MachineFacts, 'container'>, ways: Ways): readonly string[] {
  if (container !== 'other') return ways[container ?? 'none'] ?? ways.docker ?? [];
  return (ways.docker ?? []).map((way) => `${way} (or what that is where this container is made)`);
}

const [seccomp, apparmor] = ['--security-opt seccomp=unconfined', '--security-opt apparmor=unconfined'];
const types = 'seccompProfile: {type: Unconfined}, appArmorProfile: {type: Unconfined}';

/** To make user namespaces, and mount a /proc there. */
export const namespaceFlags: Ways = {
  docker: [`docker run ${seccomp} ${apparmor} --security-opt systempaths=unconfined …`],
  podman: ['podman run --security-opt seccomp=unconfined --security-opt unmask=ALL …'],
  kubernetes: [`hostUsers: false, with securityContext: {${types}, procMount: Unmasked}`],
};

/** For root, to mount: engines' own filters allow it with that capability. In a pod with user namespaces that gives another rung. */
export const mountFlags: Ways = {
  docker: [`docker run --cap-add SYS_ADMIN ${apparmor} …`, 'docker run --privileged …'],
  podman: ['podman run --cap-add SYS_ADMIN …', 'podman run --privileged …'],
  kubernetes: [
    'hostUsers: true, with securityContext: {appArmorProfile: {type: Unconfined}, capabilities: {add: [SYS_ADMIN]}}',
    'securityContext: {privileged: true}',
  ],
};

/** OCI runtimes need more calls. */
export const ociFlags: Ways = {
  docker: [`docker run --cap-add SYS_ADMIN ${seccomp} ${apparmor} …`, 'docker run --privileged …'],
  podman: ['podman run --cap-add SYS_ADMIN --security-opt seccomp=unconfined …', 'podman run --privileged …'],
  kubernetes: [
    `hostUsers: true, with securityContext: {${types}, capabilities: {add: [SYS_ADMIN]}}`,
    'securityContext: {privileged: true}',
  ],
};
