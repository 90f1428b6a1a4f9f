// Files in layers that the store has as tars, found by the digest of their content: what a COPY once read.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { createFileSource } from '../layer/file-source.ts';
import { readTar } from '../layer/tar-reader.ts';
import { type Digest, digestOf } from '../oci/digest.ts';

/** Larger files are not told of by lines. */
export const largestText = 1 << 20;
/** Entries of a layer that are looked at. */
const mostEntries = 200_000;
/** Files that have another name than they are looked for by: a COPY may have named its only source anew. */
const mostOthers = 64;

/**
 * @param tar a path; headers alone are read of what can't be it
 * @param wanted names of files by their digests
 * @returns what was found
 */
export async function findInLayer(
  tar: string,
  wanted: ReadonlyMap<Digest, string>,
  signal: AbortSignal,
): Promise<Map<Digest, Buffer>> {
  const found = new Map<Digest, Buffer>();
  if (!existsSync(tar)) return found;
  const names = new Set([...wanted.values()].map((path) => basename(path)));
  let [entries, others] = [0, 0];
  for await (const { path, type, size, body, buffered } of readTar(createFileSource(tar), { signal })) {
    if (found.size === wanted.size || ++entries > mostEntries) break;
    if (type !== 'file' || size > largestText) continue;
    if (!names.has(basename(path)) && ++others > mostOthers) continue;
    const chunks: Buffer[] = [];
    const whole = buffered();
    if (whole) chunks.push(Buffer.from(whole));
    else for await (const chunk of body()) chunks.push(Buffer.from(chunk));
    const content = Buffer.concat(chunks);
    const digest = digestOf(content);
    if (wanted.has(digest)) found.set(digest, content);
  }
  return found;
}
