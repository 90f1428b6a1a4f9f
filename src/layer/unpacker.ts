// Applies a layer's entries to a directory one by one: every file is made anew and none is opened through a link; whiteouts act on
// lower layers only, wherever they stand in the archive; modes and times of directories are set in the end.
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { systemCode } from '../errors.ts';
import { remembersOwners } from '../fs/owner-mark.ts';
import { encodePath, readNames } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import { userNamespace } from '../fs/user-namespace.ts';
import { badArchive } from './bad-archive.ts';
import { cleanPath, splitPath } from './clean-path.ts';
import { opaqueName, whiteoutPrefix } from './layer-header.ts';
import { attempt, setOwner, setTimes, setXattrs } from './metadata.ts';
import { placeMarks } from './overlay-marks.ts';
import { createRootDirectory } from './root-directory.ts';
import type { TarEntry } from './tar-reader.ts';
import { isHole } from './tar-sparse.ts';
import type { PendingLink, UnpackOptions, UnpackResult } from './unpack.ts';
import { unpacking } from './unpack-error.ts';

export interface Unpacker {
  /** A promise only where the entry's content has not arrived yet. */
  add(entry: TarEntry): Promise<void> | undefined;
  /** Returns the opaque directories (`/a/b`), sorted. */
  end(): string[];
  /** See UnpackResult. */
  readonly implied: ReadonlySet<string>;
  readonly links: readonly PendingLink[];
  readonly owners: UnpackResult['owners'];
}

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export function createUnpacker(directory: string, options: UnpackOptions): Unpacker {
  const root = directory.replace(/\/+$/, '');
  const isOverlay = options.form === 'overlay';
  const isArchive = options.form === 'archive';
  const lenient = options.owners === 'if-allowed';
  /** What is still to be set; no mode where the directory was there before and is not in the archive. */
  const directories = new Map<string, { mode: number | undefined; mtime: bigint }>();
  /** Host paths that are this layer's, where lower layers lie in the same directory. */
  const written = new Set<string>();
  const whiteouts = new Set<string>();
  const opaques = new Set<string>();
  const implied = new Set<string>();
  const links: PendingLink[] = [];
  const owners: Record<string, readonly [number, number]> = {};

  const tree = createRootDirectory(root, {
    made: adopt,
    entered: remember,
    yields: (hostPath) => !isOverlay && !written.has(hostPath),
    removed: (hostPath) => directories.delete(hostPath),
    makesLinkTargets: !isArchive,
  });
  if (isOverlay) unpacking('/', () => adopt(root));
  else remember(root);

  /** Gives a directory that the archive leaves out the metadata of the lower layers' one. */
  function adopt(hostPath: string): void {
    const lower = options.parent?.(hostPath.slice(root.length) || '/');
    const { uid, gid, mode, mtime } =
      lower?.type === 'dir' ? lower : { uid: 0, gid: 0, mode: 0o755, mtime: 0n };
    setOwner(hostPath, { uid, gid }, lenient);
    directories.set(hostPath, { mode, mtime });
    implied.add(hostPath.slice(root.length));
    claim(hostPath);
  }

  /** Keeps the time of a directory that is not the archive's, although entries are put into it. */
  function remember(hostPath: string): void {
    if (directories.has(hostPath)) return;
    const stat = lstatSync(encodePath(hostPath), { bigint: true });
    directories.set(hostPath, { mode: undefined, mtime: stat.mtimeNs });
  }

  function claim(hostPath: string): void {
    if (!isOverlay) written.add(hostPath);
  }

  /** Makes something where nothing may be: what is in the way goes. */
  function makeNew<T>(hostPath: string, make: () => T): T {
    claim(hostPath);
    try {
      return make();
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      tree.remove(hostPath);
      return make();
    }
  }

  function addDirectory(hostPath: string, entry: TarEntry): void {
    const stat = lstatSync(encodePath(hostPath), { throwIfNoEntry: false });
    // What the layer first put there hid the lower layers' directory, which must not come back.
    if (isOverlay && stat && !stat.isDirectory()) opaques.add(hostPath.slice(root.length + 1));
    if (stat?.isDirectory()) claim(hostPath);
    else makeNew(hostPath, () => mkdirSync(encodePath(hostPath), 0o700));
    setOwner(hostPath, entry, lenient);
    setXattrs(hostPath, entry.xattrs, lenient);
    directories.set(hostPath, { mode: entry.mode, mtime: entry.mtime });
    implied.delete(hostPath.slice(root.length));
  }

  function addFile(hostPath: string, entry: TarEntry): Promise<void> | undefined {
    const fd = makeNew(hostPath, () => openSync(encodePath(hostPath), createFlags, 0o600));
    const content = entry.buffered();
    if (!content) return addContent(fd, hostPath, entry);
    try {
      writeAll(fd, content, 0);
      finishFile(fd, hostPath, entry);
    } finally {
      closeSync(fd);
    }
    return undefined;
  }

  async function addContent(fd: number, hostPath: string, entry: TarEntry): Promise<void> {
    try {
      let at = 0;
      for await (const chunk of entry.body()) {
        if (!isHole(chunk)) unpacking(entry.path, () => writeAll(fd, chunk, at));
        at += chunk.length;
      }
      unpacking(entry.path, () => {
        ftruncateSync(fd, at);
        finishFile(fd, hostPath, entry);
      });
    } finally {
      closeSync(fd);
    }
  }

  /** The owner first: setting it clears setuid bits and capabilities. */
  function finishFile(fd: number, hostPath: string, entry: TarEntry): void {
    setOwner(hostPath, entry, lenient);
    fchmodSync(fd, entry.mode);
    setXattrs(hostPath, entry.xattrs, lenient);
    setTimes(hostPath, entry.mtime);
  }

  /** Links and devices can't remember it themselves. */
  function noteOwner(hostPath: string, { uid, gid }: TarEntry): void {
    if (remembersOwners() && uid + gid > 0) owners[hostPath.slice(root.length)] = [uid, gid];
  }

  function addSymlink(hostPath: string, entry: TarEntry): void {
    if (entry.linkName === '')
      throw badArchive(`the symbolic link ${JSON.stringify(entry.path)} has no target`);
    makeNew(hostPath, () => symlinkSync(encodePath(entry.linkName), encodePath(hostPath)));
    setOwner(hostPath, entry, lenient);
    noteOwner(hostPath, entry);
    setTimes(hostPath, entry.mtime);
  }

  /** The target's own metadata stays: both are one file. */
  function addLink(hostPath: string, entry: TarEntry): void {
    const [parentPath, name] = splitPath(cleanPath(entry.linkName, isArchive));
    const parent = name === '' ? undefined : tree.find(parentPath);
    const target = `${parent}/${name}`;
    const stat = parent && lstatSync(encodePath(target), { throwIfNoEntry: false });
    if (!stat && name !== '' && options.pendingLinks) {
      const { mode, uid, gid, mtime } = entry;
      tree.remove(hostPath);
      links.push({
        path: hostPath.slice(root.length),
        target: `/${cleanPath(entry.linkName, true)}`,
        ...{ mode, uid, gid, mtime },
      });
      return;
    }
    if (!stat || stat.isDirectory()) {
      throw badArchive(
        `${JSON.stringify(entry.path)} is a hard link to ${JSON.stringify(entry.linkName)}, which is no file of the layer`,
      );
    }
    if (target !== hostPath) makeNew(hostPath, () => linkSync(encodePath(target), encodePath(hostPath)));
  }

  function addNode(hostPath: string, entry: TarEntry, type: 'char' | 'block' | 'fifo'): void {
    const { mode, major, minor } = entry;
    if (major > 0xfff || minor > 0xfffff)
      throw badArchive(`${JSON.stringify(entry.path)} is no device that can be`);
    // In a user namespace nobody makes devices, whichever they are: as in BuildKit and buildah, they stay in their layer.
    const refused = (lenient || userNamespace()) && type !== 'fifo' ? ['EPERM'] : [];
    const make = (): void => loadSys().mknod(hostPath, { type, mode, major, minor });
    if (!attempt(refused, () => makeNew(hostPath, make))) return;
    setOwner(hostPath, entry, lenient);
    noteOwner(hostPath, entry);
    setTimes(hostPath, entry.mtime);
  }

  function addWhiteout(parentPath: string, name: string): void {
    const hidden = name.slice(whiteoutPrefix.length);
    if (name !== opaqueName && hidden.startsWith(whiteoutPrefix)) return;
    if (hidden === '' || hidden === '.' || hidden === '..')
      throw badArchive(`${JSON.stringify(name)} is no whiteout`);
    if (name === opaqueName) opaques.add(parentPath);
    else if (isOverlay) whiteouts.add(parentPath === '' ? hidden : `${parentPath}/${hidden}`);
    if (isOverlay) return;
    const parent = tree.find(parentPath);
    if (parent === undefined) return;
    const names = name === opaqueName ? readNames(parent) : [hidden];
    for (const each of names) tree.remove(`${parent}/${each}`, (hostPath) => written.has(hostPath));
  }

  return {
    implied,
    links,
    owners,
    add: (entry) =>
      unpacking(entry.path, () => {
        const path = cleanPath(entry.path, isArchive);
        const [parentPath, name] = splitPath(path);
        if (name.startsWith(whiteoutPrefix) && !isArchive) return void addWhiteout(parentPath, name);
        if (path === '' && entry.type !== 'dir') throw badArchive('the root is no directory');
        const hostPath = path === '' ? root : `${tree.resolve(parentPath)}/${name}`;
        if (entry.type === 'file') return addFile(hostPath, entry);
        if (entry.type === 'dir') addDirectory(hostPath, entry);
        else if (entry.type === 'symlink') addSymlink(hostPath, entry);
        else if (entry.type === 'link') addLink(hostPath, entry);
        else addNode(hostPath, entry, entry.type);
        return undefined;
      }),
    end: () =>
      unpacking('/', () => {
        const opaque = isOverlay
          ? placeMarks(tree, {
              root,
              whiteouts,
              opaques,
              overlayXattr: options.overlayXattr,
              parent: options.parent,
            })
          : [...opaques].map((path) => `/${path}`).sort();
        // Deeper ones first: a mode may forbid to enter.
        const paths = [...directories.keys()].sort((one, other) => other.length - one.length);
        for (const hostPath of paths) {
          const { mode, mtime } = directories.get(hostPath)!;
          if (mode !== undefined) chmodSync(encodePath(hostPath), mode);
          setTimes(hostPath, mtime);
        }
        return opaque;
      }),
  };
}

function writeAll(fd: number, content: Buffer, position: number): void {
  for (let at = 0; at < content.length; )
    at += writeSync(fd, content, at, content.length - at, position + at);
}
