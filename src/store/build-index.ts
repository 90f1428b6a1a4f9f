// Records of builds on disk: one self-checking file each, the newest kept. Names sort by time and say which Dockerfile was built.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRecord } from '../build-record.ts';
import { systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { tryWrite } from '../fs/try-write.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import { encodeChecked, readChecked } from './checked-file.ts';
import { createStoreRoot } from './store-root.ts';

/** A record that is there, and may be torn. */
export interface BuildName {
  id: string;
  /** Of the Dockerfile's path. */
  scope: string;
  file: string;
}

export interface BuildIndex {
  /** Keeps a record; old ones go. @throws ERR_STORE, ERR_DISK_FULL */
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

const nameForm = /^(\w+-\w+)-([0-9a-f]{12})\.json$/;

export const scopeOf = (dockerfile: string): string => hexOf(digestOf(dockerfile)).slice(0, 12);

/** The records below `root/builds-v1`. */
export function createBuildIndex(root: string): BuildIndex {
  const layout = createStoreRoot(root);

  function list(dockerfile?: string): BuildName[] {
    layout.check();
    const scope = dockerfile === undefined ? undefined : scopeOf(dockerfile);
    return namesIn(layout.builds)
      .flatMap((name) => {
        const [, id, own] = nameForm.exec(name) ?? [];
        if (id === undefined || own === undefined || (scope !== undefined && own !== scope)) return [];
        return [{ id, scope: own, file: join(layout.builds, name) }];
      })
      .sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  function bound(added: number): void {
    const all = list();
    const isMany = all.length > most + slack;
    if (!isMany && added < large) return;
    let total = 0;
    for (const [index, { file }] of all.entries()) {
      total += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (index >= most || total > room) rmSync(file, { force: true });
    }
  }

  return {
    add(record) {
      layout.prepare();
      const text = encodeChecked([record]);
      try {
        tryWrite(join(layout.builds, `${record.id}-${scopeOf(record.dockerfile.path)}.json`), text);
        bound(text.length);
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

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, 'reading the records of builds');
  }
}
