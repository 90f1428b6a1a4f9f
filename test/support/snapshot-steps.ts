// Runs shell scripts in the roots of snapshots, and layers whose "tar" is a shell script, for tests of snapshotters.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createImageMounter, type ImageMounter } from '../../src/fs/mount-image.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import type { Layer, LayerEntry, OpenLayer, RootFilesystem, RootImage, Tree } from '../../src/seams.ts';
import type { UnpackLayer } from '../../src/snapshot/unpack-layer.ts';
import { walkTree } from '../../src/tree/walk.ts';

/** Runs `script` with the root as working directory. An overlay is mounted in a namespace of its own, on `mountPoint`. */
export function runInRoot(root: RootFilesystem, mountPoint: string, script: string): Buffer {
  const plain = `set -eu\numask 022\n${script}`;
  if (root.type === 'directory') return run(['sh', '-c', plain], root.path);
  const upper = root.upper === undefined ? [] : [`upperdir=${root.upper}`, `workdir=${root.work}`];
  const lowers = root.lowers.map((name) => {
    const image = root.images?.find(({ folder }) => folder === name);
    return image ? mountedImage(image) : name;
  });
  const options = [`lowerdir=${lowers.join(':')}`, ...upper, ...root.options].join(',');
  mkdirSync(mountPoint, { recursive: true });
  const mounted = `mount -t overlay overlay -o "$1" "$2" && cd "$2" && exec sh -c "$3"`;
  return run(['unshare', '--mount', 'sh', '-c', mounted, 'sh', options, mountPoint, plain], root.base);
}

let mounter: ImageMounter | undefined;

/** What a step would mount itself, for as long as this process lives. */
function mountedImage({ image, devices }: RootImage): string {
  mounter ??= createImageMounter();
  return mounter!.mount(image, devices);
}

export function run(argv: string[], cwd: string): Buffer {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  const result = spawnSync(argv[0]!, argv.slice(1), { cwd, env, maxBuffer: 1 << 28 });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${argv.at(-1)}: ${result.stderr}`);
  return result.stdout;
}

/** A layer that `script` makes; `gone PATH` and `opaque DIRECTORY` stand for its whiteouts. */
export function scriptLayer(script: string): Layer & { script: string } {
  return { diffID: digestOf(script) as string as DiffID, size: undefined, blobs: [], script };
}

export const openScript: OpenLayer = async function* (layer) {
  yield Buffer.from((layer as Layer & { script: string }).script);
};

export const unpackScript: UnpackLayer = async (source, directory, { form, overlayXattr, signal }) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  signal.throwIfAborted();
  const words =
    form === 'overlay'
      ? `gone() { mknod "$1" c 0 0; }\nopaque() { mkdir -p "$1"; setfattr -n ${overlayXattr}.opaque -v y "$1"; echo "/$1"; }\n`
      : 'gone() { rm -r "$1"; }\nopaque() { rm -rf "$1"; mkdir -p "$1"; }\n';
  const output = run(['sh', '-c', `set -eu\numask 022\n${words}${Buffer.concat(chunks)}`], directory);
  return { opaque: output.toString().split('\n').filter(Boolean), size: 0 };
};

/** Entries in short: `etc`, `etc/new`, `!etc/old` for a whiteout, `b=a` for a hard link. */
export function shorthand(changes: Iterable<LayerEntry>): string[] {
  return [...changes].map((entry) => {
    if (entry.kind !== 'entry') return `${entry.kind === 'whiteout' ? '!' : '*'}${entry.path}`;
    return entry.hardLinkTo === undefined ? entry.path : `${entry.path}=${entry.hardLinkTo}`;
  });
}

export interface Listed {
  type: string;
  mode: number;
  owner: string;
  /** Of all but directories. */
  mtime: bigint;
  /** Content digest, link target or device number. */
  value: string;
  /** The first path that is the same file. */
  link: string;
}

/** A tree as plain data, by path. */
export function listTree(tree: Tree): Record<string, Listed> {
  const list: Record<string, Listed> = {};
  const links = new Map<string, string>();
  for (const { path, entry } of walkTree(tree, '/')) {
    if (path === '/') continue;
    if (entry.link !== '' && !links.has(entry.link)) links.set(entry.link, path);
    list[path] = {
      type: entry.type,
      mode: entry.mode,
      owner: `${entry.uid}:${entry.gid}`,
      mtime: entry.type === 'dir' ? 0n : entry.mtime,
      value: describe(tree, path),
      link: entry.link === '' ? path : links.get(entry.link)!,
    };
  }
  return list;
}

function describe(tree: Tree, path: string): string {
  const { type, major, minor } = tree.lstat(path)!;
  if (type === 'file') return tree.contentDigest(path);
  if (type === 'symlink') return tree.readlink(path);
  return type === 'char' || type === 'block' ? `${major}:${minor}` : '';
}
