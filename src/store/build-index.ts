// Records of builds on disk: one self-checking file each, the newest kept. Names sort by time and say which Dockerfile was built.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRecord, StepRecord } from '../build-record.ts';
import { systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { tryWrite } from '../fs/try-write.ts';
import { digestOfJson, hexOf } from '../oci/digest.ts';
import { encodeChecked, readChecked } from './checked-file.ts';
import { createStoreRoot } from './store-root.ts';

/** A record that is there, and may be torn. */
export interface BuildName {
  id: string;
  file: string;
}

export interface BuildIndex {
  /**
   * Keeps a record; old ones go. One in which all hit as in the build before it says nothing new, and is not kept.
   * @throws ERR_STORE, ERR_DISK_FULL
   */
  add(record: BuildRecord): void;
  /** The newest first. @param dockerfile only builds of the Dockerfile with this path */
  list(dockerfile?: string): BuildName[];
  /** Undefined where it is gone or torn. */
  read(name: Pick<BuildName, 'file'>): BuildRecord | undefined;
}

/** So many records stay. */
const most = 256;
/** Above that many, the oldest are deleted: not one by one. */
const slack = 32;
/** Bytes of all together. */
const room = 64 << 20;
/** Bytes of a record that makes it worth looking at the sizes of all. */
const large = 256 << 10;

/** Id, Dockerfile, what of it was built, and how its steps went. */
const nameForm = /^(\w+-\w+)-([0-9a-f]{12})-([0-9a-f]{8})-([0-9a-f]{12})\.json$/;

const shortDigest = (value: unknown, length: number): string => hexOf(digestOfJson(value)).slice(0, length);

const scopeOf = (dockerfile: string): string => shortDigest(dockerfile, 12);

/** Of builds of one Dockerfile, those that are of the same. */
const variantOf = ({ target, name, platforms }: BuildRecord): string =>
  shortDigest([target ?? null, name ?? null, platforms], 8);

/** Equal for builds that differ in their times alone. */
function markOf({ steps, dockerfile, context, buildArgs, outcome, noCache, caches }: BuildRecord): string {
  const told = steps.map(({ text, lines, keys, outcome: how, source, digest }) => [
    ...[text, lines, keys, how],
    ...[source ?? null, digest ?? null],
  ]);
  return shortDigest([told, dockerfile, context, buildArgs, outcome, noCache, caches], 12);
}

const isHit = ({ outcome }: StepRecord): boolean => outcome === 'hit' || outcome === 'source';

/** The records below `root/builds-v1`. */
export function createBuildIndex(root: string): BuildIndex {
  const layout = createStoreRoot(root);

  function list(dockerfile?: string): BuildName[] {
    layout.check();
    const scope = dockerfile === undefined ? undefined : scopeOf(dockerfile);
    return namesIn(layout.builds)
      .flatMap((name) => {
        const [, id, own] = nameForm.exec(name) ?? [];
        if (id === undefined || (scope !== undefined && own !== scope)) return [];
        return [{ id, file: join(layout.builds, name) }];
      })
      .sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  function bound(added: number): void {
    if (added < large && namesIn(layout.builds).length <= most + slack) return;
    let total = 0;
    for (const [index, { file }] of list().entries()) {
      total += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (index >= most || total > room) rmSync(file, { force: true });
    }
  }

  return {
    add(record) {
      layout.check();
      const of = `${scopeOf(record.dockerfile.path)}-${variantOf(record)}`;
      const mark = markOf(record);
      // One small file says what the last one was: a build in which all hits lists no folder.
      const lastFile = join(layout.builds, `last-${of}`);
      const isAllHit = record.steps.every(isHit);
      if (isAllHit && textOf(lastFile) === mark) return;
      try {
        const text = encodeChecked([record]);
        tryWrite(join(layout.builds, `${record.id}-${of}-${mark}.json`), text);
        writeFileSync(lastFile, mark);
        if (!isAllHit) bound(text.length);
      } catch (error) {
        throw diskError(error, 'keeping the record of a build');
      }
    },
    list,
    read({ file }) {
      const [line] = readChecked(file) ?? [];
      return line === undefined ? undefined : (JSON.parse(line) as BuildRecord);
    },
  };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, 'reading the records of builds');
  }
}
