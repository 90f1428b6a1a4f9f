// Small files that check themselves: names, resolved references, layers, cache records, builds. What they say is held against the blobs.
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../errors.ts';
import type { StorePart } from '../../image-request.ts';
import { digestOf, hexOf, isDigest } from '../../oci/digest.ts';
import { readChecked } from '../../store/checked-file.ts';
import { type DiskFile, filesIn } from '../disk-files.ts';
import type { SoundBlobs } from './check-blobs.ts';
import type { CheckParts } from './check-store.ts';

/** The first value of a file that is as it was written. */
export interface CheckedFile {
  path: string;
  value: Record<string, unknown>;
}

export interface CheckedFiles {
  images: CheckedFile[];
  bases: CheckedFile[];
  /** Compressed forms of layers that are listed, by the layer's hex digest: hex digests. */
  forms: Map<string, string[]>;
}

/** What a folder holds, and what its files' names follow from. */
interface Kind {
  part: StorePart;
  folder: string;
  lines: number;
  /** Why the value can't be what a file of this name holds. */
  problem(file: DiskFile, value: Record<string, unknown>): string | undefined;
  remedy: string;
}

const named = (file: DiskFile, hex: string): string | undefined =>
  file.name === `${hex}.json` ? undefined : 'does not belong to its name';

const isText = (value: unknown): value is string => typeof value === 'string';

const isDescriptor = (value: unknown): boolean => {
  const { digest, size, mediaType } = (value ?? {}) as Record<string, unknown>;
  return isText(digest) && isDigest(digest) && Number.isSafeInteger(size) && isText(mediaType);
};

const digestName = (file: DiskFile, digest: unknown): string | undefined =>
  isText(digest) && isDigest(digest) ? named(file, hexOf(digest)) : 'names no digest';

const kinds = {
  images: {
    ...{ part: 'images', folder: 'images-v1', lines: 1 },
    remedy: 'it is removed: build or pull the image again',
    problem(file, { name, descriptor }) {
      if (!isText(name) || !isDescriptor(descriptor)) return 'names no image';
      const { digest } = descriptor as { digest: string };
      if (name === '') return digestName({ ...file, name: file.name.replace('untagged-', '') }, digest);
      return named(file, hexOf(digestOf(name)));
    },
  },
  bases: {
    ...{ part: 'bases', folder: 'resolutions-v1', lines: 1 },
    remedy: 'it is removed, and the registry is asked again',
    problem: (file, { key, descriptor, resolved }) =>
      isText(key) && isDescriptor(descriptor) && isText(resolved)
        ? named(file, hexOf(digestOf(key)))
        : 'resolves nothing',
  },
  layers: {
    ...{ part: 'layers', folder: 'layers-v1', lines: 1 },
    remedy: 'it is removed: the layer is compressed again where that is needed',
    problem: (file, { diffID, blobs }) =>
      Array.isArray(blobs) && blobs.every(isDescriptor) ? digestName(file, diffID) : 'lists no blobs',
  },
  records: {
    ...{ part: 'records', folder: 'cache-v2', lines: 2 },
    remedy: 'it is removed, and the step runs again',
    problem: (file, { key, content, diffID, size }) =>
      [content, diffID].every((one) => isText(one) && isDigest(one)) && Number.isSafeInteger(size)
        ? digestName(file, key)
        : 'leads to no layer',
  },
  builds: {
    ...{ part: 'builds', folder: 'builds-v1', lines: 1 },
    remedy: 'it is removed: slipway explain knows one build less',
    problem: (file, { id, steps }) =>
      isText(id) && Array.isArray(steps) && file.name.startsWith(`${id}-`) ? undefined : 'tells of no build',
  },
} satisfies Record<string, Kind>;

/** Larger ones are no records. */
const largest = 256 << 20;

export async function checkRecords(parts: CheckParts & { blobs: SoundBlobs }): Promise<CheckedFiles> {
  const { blobs, findings } = parts;
  const files: CheckedFiles = { images: [], bases: [], forms: new Map() };
  await each(kinds.images, parts, (file) => void files.images.push(file));
  await each(kinds.bases, parts, (file) => void files.bases.push(file));
  await each(kinds.layers, parts, async ({ path, value }) => {
    findings.count('layers');
    const diffID = hexOf(value['diffID'] as `sha256:${string}`);
    const listed = (value['blobs'] as { digest: `sha256:${string}` }[]).map(({ digest }) => hexOf(digest));
    files.forms.set(diffID, listed);
    await compareSize({ path, value, part: 'layers', diffID, remedy: kinds.layers.remedy }, parts);
  });
  await each(kinds.records, parts, async ({ path, value }) => {
    const diffID = hexOf(value['diffID'] as `sha256:${string}`);
    const isHere = [diffID, ...(files.forms.get(diffID) ?? [])].some((hex) => blobs.has(hex));
    findings.count('records', { absent: isHere ? 0 : 1 });
    await compareSize({ path, value, part: 'records', diffID, remedy: kinds.records.remedy }, parts);
  });
  await each(kinds.builds, parts, () => findings.count('builds'));
  return files;
}

/** Sizes are of the uncompressed tar, which may lie here. */
async function compareSize(
  about: CheckedFile & { part: StorePart; diffID: string; remedy: string },
  { blobs, findings }: CheckParts & { blobs: SoundBlobs },
): Promise<void> {
  const { path, value, part, remedy } = about;
  const there = blobs.get(about.diffID);
  const said = value['size'];
  if (there === undefined || said === undefined || said === there) return;
  await findings.found({
    ...{ part, kind: 'damage', path, remedy },
    what: `says ${String(said)} bytes of a layer that has ${there}`,
    mend: () => rmSync(path, { force: true }),
  });
}

async function each(
  { part, folder, lines, problem, remedy }: Kind,
  { root, findings, signal, isBeingWritten }: CheckParts,
  use: (file: CheckedFile) => void | Promise<void>,
): Promise<void> {
  for (const file of filesIn(join(root, folder))) {
    signal.throwIfAborted();
    // What the last build of a Dockerfile was, in whatever text.
    if (part === 'builds' && file.name.startsWith('last-')) continue;
    const { path } = file;
    const about = { part, path, remedy, mend: () => rmSync(path, { recursive: true, force: true }) };
    const read = readValue(file, lines);
    if (read === 'gone') continue;
    if (read === 'unreadable') {
      await findings.found({
        ...{ part, path, kind: 'damage', what: "can't be read" },
        remedy: 'look at its permissions and at the disk',
      });
      continue;
    }
    if (typeof read === 'object') {
      const why = problem(file, read);
      if (why !== undefined) await findings.found({ ...about, kind: 'damage', what: why });
      else await use({ path, value: read });
    } else if (read === 'damaged') {
      await findings.found({ ...about, kind: 'damage', what: 'is not as it was written' });
    } else if (!isBeingWritten(file)) {
      await findings.found({ ...about, kind: 'leftover', what: 'was never finished' });
    }
  }
}

/** Every line of such a file ends: one that does not was being written when its writer was killed. */
function readValue(
  file: DiskFile,
  lines: number,
): Record<string, unknown> | 'gone' | 'unreadable' | 'unfinished' | 'damaged' {
  if (!file.isFile || file.length > largest) return 'damaged';
  try {
    const [line, ...rest] = readChecked(file.path) ?? [];
    if (line !== undefined && rest.length === lines - 1) {
      const values = [line, ...rest].map((text) => JSON.parse(text) as unknown);
      return (values[0] ?? {}) as Record<string, unknown>;
    }
    return lastByte(file.path) === 0x0a ? 'damaged' : 'unfinished';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'gone';
    return error instanceof SyntaxError ? 'damaged' : 'unreadable';
  }
}

/** Undefined where it is empty. */
function lastByte(path: string): number | undefined {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const byte = Buffer.alloc(1);
    return size > 0 && readSync(fd, byte, 0, 1, size - 1) === 1 ? byte[0] : undefined;
  } finally {
    closeSync(fd);
  }
}
