// The random key under which a store remembers what its layers were searched for: marks mean nothing in another store.
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { createStoreRoot } from './store-root.ts';

const keySize = 32;

/** Makes the key where there is none. @throws ERR_STORE, ERR_DISK_FULL */
export async function readSearchKey(root: string): Promise<Buffer> {
  const path = join(root, 'search-key');
  const known = keyIn(path);
  if (known) return known;
  const layout = createStoreRoot(root);
  layout.prepare();
  try {
    await writeFileAtomic(path, randomBytes(keySize), { tmp: layout.tmp, fsync: false, mode: 0o600 });
  } catch (error) {
    throw diskError(error, 'keeping the key of what layers were searched for');
  }
  // Of several that make one the last counts: marks under another are never found again, and their layers searched again.
  return keyIn(path) ?? randomBytes(keySize);
}

/** What stands for a value that was searched for. */
export const searchMark = (key: Buffer, value: Uint8Array): string =>
  createHmac('sha256', key).update(value).digest('base64url').slice(0, 22);

/** Torn by a crash, it is none. */
function keyIn(path: string): Buffer | undefined {
  try {
    const key = readFileSync(path);
    return key.length === keySize ? key : undefined;
  } catch {
    return undefined;
  }
}
