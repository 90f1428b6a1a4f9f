// A temporary folder that goes when its scope ends: `await using dir = await tempDir()`.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir extends AsyncDisposable {
  path: string;
  /** A path below. */
  file(...parts: string[]): string;
}

export async function tempDir(prefix = 'slipway-test-'): Promise<TempDir> {
  const path = await mkdtemp(join(await realpath(tmpdir()), prefix));
  return {
    path,
    file: (...parts) => join(path, ...parts),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
