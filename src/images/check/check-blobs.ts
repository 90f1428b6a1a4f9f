// Every blob against its name.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSlipwayError, systemCode } from '../../errors.ts';
import { type Digest, digestOf, hexOf, isDigest } from '../../oci/digest.ts';
import { readVerified } from '../../store/read-blob.ts';
import { type DiskFile, filesIn } from '../disk-files.ts';
import { besidesEachOther } from './besides-each-other.ts';
import type { CheckParts } from './check-store.ts';

const emptyDigest = digestOf('');
/** Files that are read at the same time: a disk has an answer ready while another is hashed. */
const readers = 4;

/** The sizes of blobs that are what they are named, by hex digest: what other parts of the store rely on. */
export type SoundBlobs = ReadonlyMap<string, number>;

export async function checkBlobs({ root, quick, findings, signal }: CheckParts): Promise<SoundBlobs> {
  const sound = new Map<string, number>();
  const folder = join(root, 'blobs', 'sha256');

  async function check(file: DiskFile): Promise<void> {
    findings.count('blobs');
    const digest = `sha256:${file.name}`;
    const damaged = (what: string) =>
      findings.found({
        ...{ part: 'blobs', kind: 'damage', path: file.path, what },
        remedy: 'it is removed, and made or fetched again when it is needed',
        mend: () => rmSync(file.path, { recursive: true, force: true }),
      });
    if (!isDigest(digest) || !file.isFile) return damaged('is no blob');
    if (file.length === 0 && digest !== emptyDigest) return damaged('is empty');
    if (!quick) {
      const why = await contentProblem(file, digest);
      if (why?.code !== undefined) {
        return findings.found({
          ...{ part: 'blobs', kind: 'damage', path: file.path, what: `can't be read: ${why.code}` },
          remedy: 'look at its permissions and at the disk',
        });
      }
      if (why) return damaged(why.what);
      findings.count('blobs', { count: 0, bytes: file.length });
    }
    sound.set(hexOf(digest), file.length);
  }

  async function contentProblem(
    file: DiskFile,
    digest: Digest,
  ): Promise<{ what: string; code?: string } | undefined> {
    try {
      for await (const _ of readVerified(file.path, digest)) signal.throwIfAborted();
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (isSlipwayError(error) && error.code === 'ERR_DIGEST_MISMATCH')
        return { what: `has another content: ${error.message.replace(/^.* /, '')}` };
      // Deleted meanwhile.
      if (isSlipwayError(error) && error.code === 'ERR_BLOB_NOT_FOUND') return undefined;
      return { what: '', code: systemCode(isSlipwayError(error) ? error.cause : error) ?? 'unknown error' };
    }
  }

  await besidesEachOther(filesIn(folder), readers, (file) => {
    signal.throwIfAborted();
    return check(file);
  });
  return sound;
}
