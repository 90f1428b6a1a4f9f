// Records of builds on disk: one self-checking file each, the newest kept. Names sort by time and say which Dockerfile was built.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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
  file: string;
}

/** What is built: each has a last build. */
export type BuildSubject = Pick<BuildRecord, 'dockerfile' | 'target' | 'name' | 'platforms'>;

export interface BuildIndex {
  /** Keeps a record; old ones go. @param mark as `isLast` is asked for it. @throws ERR_STORE, ERR_DISK_FULL */
  add(record: BuildRecord, mark: string): void;
  /** Whether the last build of the same had this mark. Lists no folder. */
  isLast(subject: BuildSubject, mark: string): boolean;
  /** The newest first. @param dockerfile only builds of the Dockerfile with this path */
  list(dockerfile?: string): BuildName[];
  /** What list gives for any Dockerfile, of the records that are there now: the folder is looked at once. */
  listAll(): (dockerfile: string) => BuildName[];
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

/** Id, Dockerfile, what of it was built. */
const nameForm = /^(\w+-\w+)-([0-9a-f]{12})-([0-9a-f]{8})\.json$/;

const shortDigest = (text: string, length: number): string => hexOf(digestOf(text)).slice(0, length);

const scopeOf = (dockerfile: string): string => shortDigest(dockerfile, 12);

const subjectName = ({ dockerfile, target = '', name = '', platforms }: BuildSubject): string =>
  `${scopeOf(dockerfile.path)}-${shortDigest([target, name, ...platforms].join('\n'), 8)}`;

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

  function listAll(): (dockerfile: string) => BuildName[] {
    const byScope = new Map<string, BuildName[]>();
    for (const { id, file } of list()) {
      const scope = nameForm.exec(basename(file))![2]!;
      const own = byScope.get(scope);
      if (own === undefined) byScope.set(scope, [{ id, file }]);
      else own.push({ id, file });
    }
    return (dockerfile) => (byScope.size === 0 ? [] : (byScope.get(scopeOf(dockerfile)) ?? []));
  }

  const lastFile = (subject: string): string => join(layout.builds, `last-${subject}`);

  function bound(added: number): void {
    if (added < large && namesIn(layout.builds).length <= most + slack) return;
    let total = 0;
    for (const [index, { file }] of list().entries()) {
      total += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (index >= most || total > room) rmSync(file, { force: true });
    }
  }

  return {
    add(record, mark) {
      layout.check();
      const subject = subjectName(record);
      try {
        const text = encodeChecked([record]);
        tryWrite(join(layout.builds, `${record.id}-${subject}.json`), text);
        writeFileSync(lastFile(subject), mark);
        if (record.steps.some(({ outcome }) => outcome === 'ran')) bound(text.length);
      } catch (error) {
        throw diskError(error, 'keeping the record of a build');
      }
    },
    isLast: (subject, mark) => textOf(lastFile(subjectName(subject))) === mark,
    list,
    listAll,
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
