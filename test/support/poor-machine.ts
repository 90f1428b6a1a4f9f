// Surroundings in which the built command line runs with less than a test has: a copy of it that everybody may read, a folder that
// both sides see, and how to start a command there. Kinds of them are in poor-user.ts and poor-container.ts.
import { chmod, chown, cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

export interface PoorOptions extends Omit<CommandOptions, 'env'> {
  /** All that the command finds beside PATH, HOME and the state folder; undefined takes away. */
  env?: Record<string, string | undefined> | undefined;
}

export interface PoorMachine extends AsyncDisposable {
  name: string;
  /** Of the processes there, and as they are seen from here. */
  uid: number;
  /** A folder that the processes there own: the same path on both sides. It is their HOME and where they start. */
  shared: string;
  /** The state folder, below `shared` where the machine says nothing else. */
  root: string;
  /** The program there. */
  main: string;
  /** Below `shared`. */
  file(...parts: string[]): string;
  /** Runs a command there to its end. */
  run(argv: readonly string[], options?: PoorOptions): Promise<CommandResult>;
  /** Runs `slipway ARGS` there to its end. */
  slipway(args: readonly string[], options?: PoorOptions): Promise<CommandResult>;
  /** Runs what must end with 0 there, and returns its standard output. */
  must(argv: readonly string[], options?: PoorOptions): Promise<string>;
}

export interface Surroundings {
  name: string;
  uid: number;
  gid: number;
  dir: TempDir;
  /** Where it is not below the shared folder. */
  root?: string | undefined;
  /** The command of this machine that runs `argv` there. @param cwd where it is to start */
  enter(argv: string[], cwd: string): Promise<string[]>;
  /** At the end, before the folder goes. */
  leave?(): Promise<void>;
}

/** A folder that others may look into, with the program in `program` and an empty `shared`. */
export async function poorFolder(): Promise<TempDir> {
  const top = join(import.meta.dirname, '../..');
  const dir = await tempDir('slipway-poor-');
  await chmod(dir.path, 0o755);
  const target = dir.file('program');
  await mkdir(join(target, 'dist'), { recursive: true });
  for (const path of ['package.json', 'dist/cli'])
    await cp(join(top, path), join(target, path), { recursive: true });
  const modules = dirname(dirname(createRequire(import.meta.url).resolve('koffi')));
  for (const name of ['koffi', '@koromix']) {
    const unused = ['doc', 'vendor'].map((each) => join(modules, name, each));
    await cp(join(modules, name), join(target, 'node_modules', name), {
      ...{ recursive: true, dereference: true },
      filter: (path) => !unused.includes(path),
    });
  }
  await mkdir(dir.file('shared'));
  return dir;
}

export async function poorMachine(parts: Surroundings): Promise<PoorMachine> {
  const { name, uid, dir, enter } = parts;
  const shared = dir.file('shared');
  await chown(shared, uid, parts.gid);
  const root = parts.root ?? join(shared, 'state');
  const main = dir.file('program/dist/cli/main.js');
  const run: PoorMachine['run'] = async (argv, { env, cwd, ...options } = {}) => {
    const all = {
      ...{ PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: shared },
      ...{ SLIPWAY_ROOT: root, ...env },
    };
    const words = Object.entries(all).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}=${value}`],
    );
    return runCommand(await enter(['/usr/bin/env', '-i', ...words, ...argv], cwd ?? shared), {
      ...options,
      cwd: '/',
    });
  };
  return {
    ...{ name, uid, shared, root, main, run },
    file: (...rest) => join(shared, ...rest),
    slipway: (args, options) => run([process.execPath, main, ...args], options),
    async must(argv, options) {
      const { code, stdout, stderr } = await run(argv, options);
      if (code !== 0) throw new Error(`${name}: ${argv.join(' ')}: code ${code}\n${stdout}\n${stderr}`);
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await parts.leave?.();
      await dir[Symbol.asyncDispose]();
    },
  };
}
