// Secrets that come through a pipe, as those of `src=<(command)` and `src=/dev/stdin` do: they can be read once, and are wanted by
// the search and by each step.
import { closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BuildRequest } from '../build-request.ts';
import { systemCode } from '../errors.ts';

const read = new WeakMap<BuildRequest, ReadonlyMap<string, Buffer>>();

/** Before anything else asks for them; equal paths of several requests are one pipe. */
export async function readSecretPipes(requests: readonly BuildRequest[], signal: AbortSignal): Promise<void> {
  const contents = new Map<string, Buffer>();
  for (const request of requests) {
    for (const secret of request.secrets) {
      if (secret.type !== 'file') continue;
      const path = resolve(request.cwd, secret.path);
      if (contents.has(path) || !statSync(path, { throwIfNoEntry: false })?.isFIFO()) continue;
      contents.set(path, await readPipe(path, signal));
    }
  }
  for (const request of requests) if (contents.size > 0) read.set(request, contents);
}

/** Undefined where it is no pipe: then the file has it. @param path as resolved from the request's folder */
export const pipedSecret = (request: BuildRequest, path: string): Buffer | undefined =>
  read.get(request)?.get(path);

/** No call waits for who writes: that would hold up a signal, and the end of the process. */
async function readPipe(path: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(1 << 16);
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    for (;;) {
      const count = readSome(file, chunk);
      if (count === 0 && (chunks.length > 0 || !hasName(path))) return Buffer.concat(chunks);
      if (count) chunks.push(Buffer.from(chunk.subarray(0, count)));
      else await delay(10, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    closeSync(file);
  }
}

/** Undefined where nothing has come yet. */
function readSome(file: number, chunk: Buffer): number | undefined {
  try {
    return readSync(file, chunk);
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

/** A pipe with a name may be empty because nobody has opened it to write. */
function hasName(path: string): boolean {
  try {
    realpathSync(path);
    return true;
  } catch {
    return false;
  }
}
