// A digest of the files in a folder, read from the disk: names, types, modes, link targets and content; no times, no owners.
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface TreeSummary {
  files: number;
  digest: string;
}

async function contentDigest(path: string): Promise<string> {
  if (statSync(path).size < 1 << 20) return createHash('sha256').update(readFileSync(path)).digest('hex');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The folder's own mode is left out: builders differ about a context's top. */
export async function treeDigest(folder: string): Promise<TreeSummary> {
  const total = createHash('sha256');
  let files = 0;
  const visit = async (path: string): Promise<void> => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const below = path === '' ? name : `${path}/${name}`;
      const full = join(folder, below);
      const found = lstatSync(full);
      const mode = (found.mode & 0o7777).toString(8);
      if (found.isSymbolicLink()) total.update(`link ${below} ${readlinkSync(full)}\n`);
      else if (found.isDirectory()) {
        total.update(`folder ${below} ${mode}\n`);
        await visit(below);
      } else if (found.isFile()) {
        files++;
        total.update(`file ${below} ${mode} ${found.size} ${await contentDigest(full)}\n`);
      } else total.update(`other ${below} ${found.mode} ${found.rdev}\n`);
    }
  };
  await visit('');
  return { files, digest: total.digest('hex') };
}
