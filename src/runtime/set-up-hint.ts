// What our own errors say where a step can't be set up, by which they are known again; and what helps. Pure.

export const noLaunch = 'no program can be started in';
export const noFilter = 'setting the filter of system calls';
/** Begins what is said of a `--ulimit`. */
export const limitOf = 'the limit ';

const limits =
  'More than the builder itself may have (ulimit -H -a) takes CAP_SYS_RESOURCE on the machine. Raise that first: LimitNOFILE= and the like of a service, /etc/security/limits.conf, docker run --ulimit. Or ask for less; nofile goes no higher than fs.nr_open.';

/** What a call says that met a link or a file of the image where it needs a folder. */
export const overLink = 'it leads over a symbolic link';
const blocked = [`: ${overLink}`, ': not a directory'];
const image =
  'This machine is not at fault: the base image or a step before this one put a link or a file where a folder is needed. Remove it there, or name another path.';
const noPlace = /^\/(?:proc|sys)\/[^:]*: no such file/;

/** @param needs what the runtime needs of a machine, for root; said where this process is not in a user namespace. */
export function setUpHint(
  problem: string | undefined,
  { needs, isWithin }: { needs: string; isWithin: boolean },
): string {
  if (problem?.startsWith(limitOf)) return limits;
  if (problem?.startsWith(noFilter))
    return 'slipway doctor tries it: the kernel, or what confines this process, allows no filters of system calls.';
  if (blocked.some((end) => problem?.endsWith(end))) return image;
  if (problem !== undefined && noPlace.test(problem))
    return 'No file or folder can be made below /proc and /sys to mount on. Choose another target for the mount.';
  return isWithin
    ? 'slipway doctor tries it, and says what is missing for steps in a user namespace here.'
    : needs;
}
