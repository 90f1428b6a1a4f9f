// Ways in which a state folder comes to be other than it was written: by disks, by people, by power cuts.
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { StorePart } from '../../src/image-request.ts';
import type { Random } from './random.ts';

export interface Damage {
  what: string;
  /** Where a check must see it; undefined: it is of no consequence, and need not be seen. */
  part: StorePart | undefined;
  /** Returns the file that it did it to; undefined where there is none of the kind. */
  do(root: string, random: Random): string | undefined;
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());
  } catch {
    return [];
  }
}

function one(folder: string, random: Random, fits: (path: string) => boolean = () => true) {
  const files = filesBelow(folder).filter(fits);
  return files.length === 0 ? undefined : random.pick(files);
}

/** Also where the file is only to be read: root may. */
function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = bytes[at]! ^ 0x20;
  writeFileSync(path, bytes);
}

const isNotEmpty = (path: string): boolean => statSync(path).size > 0;

const inFolder = (
  folder: string,
  part: StorePart | undefined,
  ways: ('flip' | 'cut' | 'empty' | 'remove' | 'other')[],
): Damage[] =>
  ways.map((way) => ({
    what: `${way} in ${folder}`,
    // What is empty was never finished by somebody who was killed; what is gone is unknown.
    part: way === 'remove' ? undefined : part,
    do(root, random) {
      const path = one(
        join(root, folder),
        random,
        (file) => isNotEmpty(file) && !/\/last-|probes/.test(file),
      );
      if (path === undefined) return undefined;
      const { size } = statSync(path);
      if (way === 'flip') flipByte(path, random.number(size));
      else if (way === 'cut') truncateSync(path, random.number(size));
      else if (way === 'empty') truncateSync(path, 0);
      else if (way === 'remove') rmSync(path);
      else writeFileSync(path, readFileSync(one(join(root, folder), random)!));
      return path;
    },
  }));

/** Every kind of thing that a build leaves, damaged in each way that it can be. */
export const damages: readonly Damage[] = [
  ...inFolder('blobs/sha256', 'blobs', ['flip', 'cut', 'empty']),
  ...inFolder('blobs/sha256', undefined, ['remove']),
  ...inFolder('cache-v2', 'records', ['flip', 'cut', 'empty', 'remove']),
  ...inFolder('layers-v1', 'layers', ['flip', 'cut', 'empty', 'remove']),
  ...inFolder('builds-v1', 'builds', ['flip', 'cut', 'empty', 'remove']),
  ...inFolder('images-v1', 'images', ['flip', 'cut', 'empty']),
  ...inFolder('images-v1', undefined, ['remove']),
  ...inFolder('contexts-v1', 'contexts', ['flip', 'cut', 'empty', 'remove']),
  ...['overlay', 'erofs', 'copy'].flatMap((name) =>
    inFolder(`snapshots-v2/${name}/chains`, 'snapshots', ['cut', 'empty', 'remove']),
  ),
  {
    what: 'a folder of a layer that is gone',
    part: 'snapshots',
    do: (root, random) => atLayer(root, random, (path) => rmSync(path, { recursive: true })),
  },
  {
    what: 'a file of a layer that is gone',
    part: 'snapshots',
    do: (root, random) =>
      atLayer(root, random, (path) => {
        const name = readdirSync(path).sort().at(-1);
        if (name !== undefined) rmSync(join(path, name), { recursive: true });
        return name !== undefined;
      }),
  },
  {
    what: 'an index.json that is cut short',
    part: 'format',
    do(root) {
      const path = join(root, 'index.json');
      truncateSync(path, 10);
      return path;
    },
  },
  {
    what: 'an oci-layout that is gone',
    part: 'format',
    do(root) {
      rmSync(join(root, 'oci-layout'));
      return join(root, 'oci-layout');
    },
  },
  {
    what: 'partial keys that are gone',
    part: undefined,
    do(root) {
      rmSync(join(root, 'partial-keys-v1'), { force: true });
      return join(root, 'partial-keys-v1');
    },
  },
];

function atLayer(root: string, random: Random, work: (path: string) => unknown): string | undefined {
  const folders = ['overlay', 'erofs', 'copy'].flatMap((name) => {
    const folder = join(root, 'snapshots-v2', name);
    return filesBelow(join(folder, 'chains')).flatMap((file) => {
      const dir = /"dir":(\d+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'none';
      const path = join(folder, 'l', dir);
      return existsSync(path) && readdirSync(path).length > 0 ? [path] : [];
    });
  });
  if (folders.length === 0) return undefined;
  const path = random.pick(folders);
  return work(path) === false ? undefined : path;
}
