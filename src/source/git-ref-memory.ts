// What branches and tags stood for when their server was last asked. An address stands there as a digest only.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import { isCommit } from './git-refs.ts';

export interface FoundRef {
  /** The full name of the branch or tag. */
  ref: string;
  commit: string;
  /** The annotated tag that leads to the commit. */
  tag: string | undefined;
}

export interface RefMemory {
  get(url: string, ref: string | undefined): FoundRef | undefined;
  set(url: string, ref: string | undefined, found: FoundRef): Promise<void>;
}

/** Small files below `directory`; one that is torn or foreign reads as absent. */
export function createRefMemory(directory: string): RefMemory {
  const pathOf = (url: string, ref: string | undefined): string =>
    join(directory, `${hexOf(digestOf(JSON.stringify([url, ref ?? null])))}.json`);

  function get(url: string, ref: string | undefined): FoundRef | undefined {
    try {
      const [check, found] = JSON.parse(readFileSync(pathOf(url, ref), 'utf8')) as [string, FoundRef];
      return check === digestOf(JSON.stringify(found)) && isCommit(found.commit) ? found : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    get,
    async set(url, ref, found) {
      if (get(url, ref)?.commit === found.commit) return;
      try {
        const text = JSON.stringify([digestOf(JSON.stringify(found)), found]);
        await writeFileAtomic(pathOf(url, ref), text, { fsync: false });
      } catch (error) {
        throw diskError(error, 'remembering what a Git reference stands for');
      }
    },
  };
}
