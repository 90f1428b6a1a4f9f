// Flags that say what a build may ask of registries and servers: those of build, bake and lock alike.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { BuildRequest } from '../../index.ts';
import type { Arguments, Flag } from '../arguments.ts';
import { flagGroups as groups } from './flag-groups.ts';

export const lockFlags = [
  {
    name: 'offline',
    type: 'boolean',
    group: groups.input,
    help: 'ask no registry, Git server or URL: what is stored must do; RUN steps keep their network',
  },
  {
    name: 'lock',
    type: 'boolean',
    group: groups.input,
    help: 'note in the lock file what base images, Git refs and URLs stand for; what is there already holds',
  },
  {
    name: 'frozen',
    type: 'boolean',
    group: groups.input,
    help: 'read what the lock file says, and fail for what is not in it',
  },
  {
    name: 'lock-file',
    type: 'text',
    value: 'PATH',
    group: groups.input,
    help: 'the lock file (default: slipway.lock in the context, or in the current folder)',
  },
] as const satisfies readonly Flag[];

export type LockFlagName = (typeof lockFlags)[number]['name'];

const defaultName = 'slipway.lock';

/** @param context the build context as it was given; undefined: there are several. */
export function defaultLockFile(context: string | undefined, cwd: string): string {
  const isFolder =
    context !== undefined &&
    context !== '-' &&
    statSync(resolve(cwd, context), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? join(context, defaultName) : defaultName;
}

/** @throws ERR_USAGE */
export function readLockUse(
  given: Pick<Arguments<LockFlagName>, 'booleans' | 'texts'>,
  context: string | undefined,
  cwd: string,
): Pick<BuildRequest, 'offline' | 'lock'> {
  const { offline = false, lock = false, frozen = false } = given.booleans;
  const file = given.texts['lock-file'];
  if (lock && frozen) {
    throw new SlipwayError('ERR_USAGE', '--lock adds to the lock file, and --frozen forbids it', {
      hint: 'leave out one of them',
    });
  }
  if (file !== undefined && !lock && !frozen) {
    throw new SlipwayError('ERR_USAGE', '--lock-file alone does nothing', {
      hint: 'add --frozen to read it, or --lock to write it',
    });
  }
  if (file === '')
    throw new SlipwayError('ERR_USAGE', '--lock-file is empty', { hint: '--lock-file=slipway.lock' });
  return {
    ...(offline ? { offline } : {}),
    ...(lock || frozen
      ? { lock: { file: file ?? defaultLockFile(context, cwd), mode: frozen ? 'frozen' : 'add' } }
      : {}),
  };
}
