// A place in a step's root that something else is to stand at: looked for folder by folder, never over a link, and held by a
// descriptor, so that it stays the same place whatever the step does to the folders above it.
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  writeFileSync,
} from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';
import { encodePath } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';

export interface RootPlace extends Disposable {
  /** A path by way of the descriptor. */
  path: string;
  /** What was there, or was made there: a folder or an empty file. */
  stat: BigIntStats;
  /** Nothing was there. */
  isNew: boolean;
  /** The folder that it is in has the same time after `work` as before. */
  keepingTime<T>(work: () => Promise<T>): Promise<T>;
}

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
const folderOnly = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

const linked = (target: string): SlipwayError =>
  new SlipwayError('ERR_RUNTIME', `${target} leads over a symbolic link`, {
    hint: 'mount on the folder that the link leads to',
  });

function makeFolder(path: string): void {
  mkdirSync(encodePath(path));
  // Whatever the umask of this process is.
  chmodSync(encodePath(path), 0o755);
}

function enter(folder: number, name: string, target: string): number {
  const path = `/proc/self/fd/${folder}/${name}`;
  try {
    return openSync(encodePath(path), folderOnly);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') {
      makeFolder(path);
      return openSync(encodePath(path), folderOnly);
    }
    if (code === 'ELOOP' || (code === 'ENOTDIR' && lstatSync(encodePath(path)).isSymbolicLink()))
      throw linked(target);
    if (code !== 'ENOTDIR') throw error;
    throw new SlipwayError('ERR_RUNTIME', `${target} leads over a file`, {
      hint: 'mount on another folder',
      cause: error,
    });
  }
}

/**
 * @param target clean and absolute within `root`; what is missing of it is made. @param directory what is to be there.
 * @throws ERR_RUNTIME where a link is on the way, or something of another kind
 */
export function openRootPlace(root: string, target: string, directory: boolean): RootPlace {
  const parts = target.split('/').filter(Boolean);
  const name = parts.pop()!;
  let folder = openSync(root, folderOnly);
  try {
    for (const part of parts) {
      const next = enter(folder, part, target);
      closeSync(folder);
      folder = next;
    }
    const path = `/proc/self/fd/${folder}/${name}`;
    const look = () => lstatSync(encodePath(path), { bigint: true, throwIfNoEntry: false });
    let stat = look();
    const isNew = stat === undefined;
    if (isNew && directory) makeFolder(path);
    else if (isNew) {
      writeFileSync(encodePath(path), '', { flag: 'wx' });
      chmodSync(encodePath(path), 0o644);
    }
    stat ??= look()!;
    if (stat.isSymbolicLink()) throw linked(target);
    if (stat.isDirectory() !== directory) {
      const [is, wanted] = directory ? ['no folder', 'folder'] : ['a folder', 'file'];
      throw new SlipwayError('ERR_RUNTIME', `${target} is ${is}, and a ${wanted} is to be mounted there`);
    }
    const held = folder;
    return {
      path,
      stat,
      isNew,
      async keepingTime(work) {
        const { mtimeNs } = fstatSync(held, { bigint: true });
        const result = await work();
        loadSys().setTimes(`/proc/self/fd/${held}/.`, mtimeNs);
        return result;
      },
      [Symbol.dispose]: () => closeSync(held),
    };
  } catch (error) {
    closeSync(folder);
    throw error;
  }
}
