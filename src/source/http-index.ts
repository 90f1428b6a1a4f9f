// What URLs gave when they were last fetched: so that a server can say "not modified". A URL stands there as a digest only.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { type Digest, digestOf, hexOf, isDigest } from '../oci/digest.ts';

export interface HttpMemory {
  digest: Digest;
  size: number;
  etag: string | undefined;
  /** As the server wrote it. */
  lastModified: string | undefined;
}

export interface HttpIndex {
  get(url: string): HttpMemory | undefined;
  /** By the name of its file. */
  read(name: string): HttpMemory | undefined;
  set(url: string, memory: HttpMemory): Promise<void>;
}

/** Small files below `directory`; one that is torn or foreign reads as absent. */
export function createHttpIndex(directory: string, tmp: string): HttpIndex {
  const nameOf = (url: string): string => `${hexOf(digestOf(url))}.json`;

  function read(name: string): HttpMemory | undefined {
    try {
      const [check, memory] = JSON.parse(readFileSync(join(directory, name), 'utf8')) as [string, HttpMemory];
      const whole = check === digestOf(JSON.stringify(memory)) && isDigest(memory.digest);
      return whole ? memory : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    get: (url) => read(nameOf(url)),
    read,
    async set(url, memory) {
      try {
        const text = JSON.stringify([digestOf(JSON.stringify(memory)), memory]);
        await writeFileAtomic(join(directory, nameOf(url)), text, { tmp, fsync: false });
      } catch (error) {
        throw diskError(error, 'remembering a download');
      }
    },
  };
}
