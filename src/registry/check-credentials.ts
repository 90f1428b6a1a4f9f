// Whether the files of logins can be read, and the helpers that they name are there. No helper is asked.
import { SlipwayError } from '../errors.ts';
import { credentialFiles, isObject, readConfig } from './credentials.ts';

export interface CredentialFileState {
  path: string;
  /** How many registries it has logins for; 0 where there is no such file. */
  logins: number;
  /** Names of helpers: `ecr-login`. */
  helpers: readonly string[];
  /** Why it can't be used. */
  problem?: string | undefined;
}

/** Of those files that there are. */
export async function checkCredentials(
  env: Record<string, string | undefined>,
): Promise<CredentialFileState[]> {
  const states: CredentialFileState[] = [];
  for (const path of credentialFiles(env)) {
    try {
      const config = await readConfig(path);
      if (config === undefined) continue;
      const { auths, credsStore, credHelpers } = config;
      const named = [credsStore, ...Object.values(isObject(credHelpers) ? credHelpers : {})];
      const helpers = named.filter((name): name is string => typeof name === 'string' && name !== '');
      states.push({ path, logins: Object.keys(auths ?? {}).length, helpers: [...new Set(helpers)] });
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      states.push({ path, logins: 0, helpers: [], problem: error.message });
    }
  }
  return states;
}
