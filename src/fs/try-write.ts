// A new file written where it stays, by one call: for records that tell for themselves whether they are whole.
import { closeSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../errors.ts';

/**
 * False where the file is there. Makes its folder where that is missing; nothing of the file is left where writing fails. A
 * system error is passed on as it is (`diskError` words it).
 */
export function tryWrite(path: string, data: string | Uint8Array): boolean {
  const fd = tryCreate(path);
  if (fd === undefined) return false;
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    return true;
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

function tryCreate(path: string): number | undefined {
  for (let made = false; ; made = true) {
    try {
      return openSync(path, 'wx');
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return undefined;
      if (systemCode(error) !== 'ENOENT' || made) throw error;
      mkdirSync(dirname(path), { recursive: true });
    }
  }
}
