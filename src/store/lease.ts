// What running processes use, so that nothing of it is pruned: one file for each user, made at the first use.
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';
import { uniqueName } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { isAlive, ownIdentity, parseIdentity } from '../fs/process-identity.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { createStoreRoot } from './store-root.ts';

/** The lease of a process that can't be looked up (another container, another machine) counts for this long. */
const unknownCounts = 24 * 3600 * 1000;

export interface Lease extends AsyncDisposable {
  /** Call it before looking whether the blob is there: a prune that has read the leases earlier may still remove it. */
  use(digest: Digest): void;
}

/** A lease of this process; disposing of it ends it, and so does the process's death. @throws ERR_STORE, ERR_DISK_FULL */
export function createLease(root: string): Lease {
  const layout = createStoreRoot(root);
  const used = new Set<Digest>();
  let path: string | undefined;

  function use(digest: Digest): void {
    if (used.has(digest)) return;
    try {
      path ??= makeLease(layout);
      appendFileSync(path, `${digest}\n`);
    } catch (error) {
      throw diskError(error, 'marking a blob as used');
    }
    used.add(digest);
  }

  return {
    use,
    async [Symbol.asyncDispose]() {
      if (path !== undefined) rmSync(path, { force: true });
    },
  };
}

function makeLease(layout: { leases: string; prepare(): void }): string {
  layout.prepare();
  mkdirSync(layout.leases, { recursive: true });
  const path = join(layout.leases, uniqueName('lease'));
  writeFileSync(path, `${JSON.stringify(ownIdentity())}\n`, { flag: 'wx' });
  return path;
}

/** What the leases of living processes name; those of dead ones are removed. */
export function leasedDigests(root: string): Set<Digest> {
  const { leases } = createStoreRoot(root);
  const digests = new Set<Digest>();
  for (const name of listLeases(leases)) {
    const path = join(leases, name);
    const lines = readLease(path);
    if (!lines) continue;
    const owner = parseIdentity(lines[0] ?? '');
    if ((owner && isAlive(owner)) ?? isYoung(path))
      for (const line of lines.filter(isDigest)) digests.add(line);
    else rmSync(path, { force: true });
  }
  return digests;
}

function listLeases(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, 'reading leases');
  }
}

function readLease(path: string): string[] | undefined {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskError(error, 'reading leases');
  }
}

function isYoung(path: string): boolean {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made < unknownCounts;
}
