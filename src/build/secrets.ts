// --secret: where the bytes of secrets come from.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BuildRequest } from '../build-request.ts';
import { SlipwayError } from '../errors.ts';
import { pipedSecret } from './secret-pipes.ts';

/** What can be seen before a step needs it. @throws ERR_CONTEXT where a secret's file is not there */
export function checkSecrets(request: BuildRequest): void {
  for (const secret of request.secrets) {
    if (secret.type !== 'file' || statSync(resolve(request.cwd, secret.path), { throwIfNoEntry: false }))
      continue;
    throw new SlipwayError('ERR_CONTEXT', `the file of secret ${secret.id} not found: ${secret.path}`, {
      hint: 'check src= of --secret: it is relative to the current folder',
    });
  }
}

/** Secrets by their id. @throws ERR_CONTEXT where a file can't be read. */
export function createSecrets(request: BuildRequest): (id: string) => Promise<Buffer | undefined> {
  return async (id) => {
    // Given twice, the last counts.
    const source = request.secrets.findLast((secret) => secret.id === id);
    if (!source) return undefined;
    if (source.type === 'env') {
      const value = request.env[source.name];
      return value === undefined ? undefined : Buffer.from(value);
    }
    try {
      const path = resolve(request.cwd, source.path);
      return pipedSecret(request, path) ?? readFileSync(path);
    } catch (cause) {
      throw new SlipwayError('ERR_CONTEXT', `can't read the secret ${id} from ${join(source.path)}`, {
        cause,
        hint: 'check src= of --secret',
      });
    }
  };
}
