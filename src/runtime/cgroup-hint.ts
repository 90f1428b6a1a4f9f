// What lets a builder make groups where it may not: by who it is, and by where its own group lies. Pure.

export interface CgroupPlace {
  version: 1 | 2;
  /** The builder's own group. */
  own: string | undefined;
  /** Whether the builder is root of the machine, or of a container. */
  isRoot: boolean;
}

const leave = 'Or leave the limits out.';
const ofContainer =
  'start it with --privileged (Docker 28 and later with cgroup v2: --security-opt writable-cgroups=true; containerd: cgroup_writable).';
const delegate =
  "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl daemon-reload";

/** Whether systemd's instance for the user made a group: those below it are the user's own. */
const isUsers = (own: string | undefined): boolean => /\/user@\d+\.service(\/|$)/.test(own ?? '');

/** For a group that can't be changed. */
export function closedHint({ version, own, isRoot }: CgroupPlace): string {
  if (isRoot) return `A container whose /sys/fs/cgroup can't be written to: ${ofContainer} ${leave}`;
  if (version === 1)
    return `Groups of cgroup v1 are root's: build as root, or boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1), of which users can have a part. ${leave}`;
  if (isUsers(own)) return absentHint({ version, own, isRoot });
  return `Start slipway in a group that is the user's own: systemd-run --user --scope -p Delegate=yes slipway build … In a container: ${ofContainer} ${leave}`;
}

/** For a controller that the group around the builder has not. */
export function absentHint({ own, isRoot }: CgroupPlace): string {
  if (isRoot || !isUsers(own))
    return 'Leave this limit out, or have the group around slipway given that controller.';
  return `Have systemd give it to users, and log in anew: ${delegate}. ${leave}`;
}
