// Keeps and forgets logins where Docker's tools look for them: a helper that the configuration names, else the file itself.
import { mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { moveInto } from '../fs/atomic-write.ts';
import { withLock } from '../fs/lock.ts';
import { uniqueName } from '../fs/unique-name.ts';
import { callHelper } from './credential-helper.ts';
import { configPath, hubKey, isKeyOf, isObject } from './credentials.ts';

export interface Login {
  username: string;
  password: string;
}

export interface CredentialFile {
  /** Keeps a login; returns where. @throws ERR_UNAUTHORIZED for a broken file or helper, ERR_STORE where it can't be written */
  keep(registry: string, login: Login, signal: AbortSignal): Promise<string>;
  /** Whether there was one. @throws as keep */
  forget(registry: string, signal: AbortSignal): Promise<boolean>;
}

type Config = Record<string, unknown>;

/** @param file instead of the usual ones. */
export function createCredentialFile(options: {
  env: Record<string, string | undefined>;
  file?: string | undefined;
}): CredentialFile {
  const { env } = options;
  const path = options.file ?? configPath(env);

  async function read(): Promise<Config> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return {};
      throw new SlipwayError('ERR_STORE', `can't read ${path}`, { cause, hint: 'check its permissions' });
    }
    if (text.trim() === '') return {};
    try {
      const config: unknown = JSON.parse(text);
      if (isObject(config) && isObject(config['auths'] ?? {})) return config;
    } catch {
      // Told below: the parser's own message would quote the file, and with it a password.
    }
    throw new SlipwayError('ERR_UNAUTHORIZED', `${path} is no configuration of Docker's`, {
      hint: 'mend or remove the file',
    });
  }

  /** Reads and writes while nobody else of this program does: what others keep meanwhile stays. */
  async function change<T>(
    signal: AbortSignal,
    work: (config: Config, target: string) => Promise<T>,
  ): Promise<T> {
    const target = await followLinks(path);
    const folder = dirname(target);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw unwritable(cause);
    }
    let isHeld = false;
    const held = async (): Promise<T> => {
      isHeld = true;
      return work(await read(), target);
    };
    try {
      return await withLock(join(folder, `.${basename(target)}.slipway-lock`), signal, held);
    } catch (cause) {
      signal.throwIfAborted();
      throw isHeld ? cause : unwritable(cause);
    }
  }

  const unwritable = (cause: unknown): SlipwayError =>
    new SlipwayError('ERR_STORE', `can't write ${path}`, {
      cause,
      hint: 'check its permissions, or name another file with --authfile',
    });

  /** The file is replaced as a whole; nobody else may read it. */
  async function write(config: Config, target: string): Promise<void> {
    const temporary = join(dirname(target), uniqueName(`.${basename(target)}`));
    try {
      await writeFile(temporary, `${JSON.stringify(config, undefined, '\t')}\n`, { mode: 0o600, flag: 'wx' });
      await moveInto(temporary, target);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw unwritable(cause);
    }
  }

  const authsOf = (config: Config): Record<string, unknown> =>
    (config['auths'] as Record<string, unknown> | undefined) ?? {};

  function helperOf(config: Config, registry: string): string | undefined {
    const helpers = isObject(config['credHelpers']) ? config['credHelpers'] : {};
    const own = Object.entries(helpers).find(([key]) => isKeyOf(key, registry))?.[1];
    return [own, config['credsStore']].find((name) => typeof name === 'string' && name !== '') as
      | string
      | undefined;
  }

  const serverOf = (registry: string): string => (registry === 'docker.io' ? hubKey : registry);

  return {
    async keep(registry, { username, password }, signal) {
      return change(signal, async (config, target) => {
        const server = serverOf(registry);
        const others = Object.entries(authsOf(config)).filter(([key]) => !isKeyOf(key, registry));
        const helper = helperOf(config, registry);
        let entry: Record<string, string> = {};
        if (helper === undefined) {
          entry = { auth: Buffer.from(`${username}:${password}`).toString('base64') };
        } else {
          const input = JSON.stringify({ ServerURL: server, Username: username, Secret: password });
          await callHelper({ name: helper, server, env }, { action: 'store', input }, signal);
        }
        await write({ ...config, auths: Object.fromEntries([...others, [server, entry]]) }, target);
        return helper === undefined ? path : `docker-credential-${helper}`;
      });
    },
    async forget(registry, signal) {
      // Where nothing is kept, nothing is made.
      const before = await read();
      if (!Object.keys(authsOf(before)).some((key) => isKeyOf(key, registry)) && !helperOf(before, registry))
        return false;
      return change(signal, async (config, target) => {
        const entries = Object.entries(authsOf(config));
        const others = entries.filter(([key]) => !isKeyOf(key, registry));
        const helper = helperOf(config, registry);
        const server = serverOf(registry);
        const input = `${server}\n`;
        const held =
          helper !== undefined &&
          (await callHelper({ name: helper, server, env }, { action: 'erase', input }, signal));
        const known = others.length < entries.length;
        if (known) await write({ ...config, auths: Object.fromEntries(others) }, target);
        return known || held;
      });
    },
  };
}

/** Also where the last link leads to nothing yet: the file is made there, and the link stays. */
async function followLinks(path: string): Promise<string> {
  let target = path;
  for (let left = 40; left > 0; left--) {
    try {
      target = resolve(dirname(target), await readlink(target));
    } catch {
      return target;
    }
  }
  return path;
}
