// Builds on machines of their own (a state folder each) that share a context and caches, in this process.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runBakeCommand } from '../../src/cli/commands/bake.ts';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine } from '../../src/index.ts';
import { type BaseImage, busyboxBase } from './busybox-base.ts';
import { createTestSession } from './cli-session.ts';
import { readOciImage } from './oci-image.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

export interface CacheBench extends TempDir {
  base: BaseImage;
  /** Writes files of the context. */
  write(files: Record<string, string>): Promise<void>;
  /** Builds on the machine `name`, which is new at first, into an OCI tar. */
  build(machine: string, flags?: readonly string[]): Promise<CacheBuild>;
  /** Bakes the file `docker-bake.hcl` of the bench's folder, without results. */
  bake(machine: string, flags?: readonly string[]): Promise<string>;
}

export interface CacheBuild {
  /** Names of steps that ran, as in `RUN make`. */
  ran: string[];
  cached: string[];
  /** What was told, as plain progress has it. */
  log: string;
  /** A file of the image. */
  text(path: string): string;
}

/** @param more variables of the builds' environment */
export async function cacheBench(
  files: Record<string, string>,
  more: Record<string, string> = {},
): Promise<CacheBench> {
  const dir = await tempDir();
  const base = await busyboxBase(dir.file('base'));
  const env = { PATH: process.env['PATH'], HOME: dir.path, ...more };
  const bench: CacheBench = {
    ...dir,
    base,
    async write(contents) {
      for (const [path, text] of Object.entries(contents)) {
        const file = join(dir.file('context'), path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    },
    async build(machine, flags = []) {
      const session = createTestSession({ cwd: dir.path, env });
      const tar = dir.file(`${machine}.tar`);
      const own = ['--root', dir.file(`state-${machine}`), '--progress=plain', base.flag];
      const output = flags.some((flag) => /^(--output|--push|-o)/.test(flag))
        ? []
        : [`--output=type=oci,dest=${tar}`];
      await runBuild([...own, ...output, ...flags, dir.file('context')], session, createEngine);
      const log = session.err.text();
      const image = output.length > 0 ? await readOciImage(tar) : undefined;
      return { ...stepsOf(log), log, text: (path) => image!.files.get(path)!.content.toString() };
    },
    async bake(machine, flags = []) {
      const session = createTestSession({ cwd: dir.path, env });
      await runBakeCommand(
        ['--root', dir.file(`state-${machine}`), '--progress=plain', ...flags],
        session,
        createEngine,
      );
      return session.err.text();
    },
  };
  await bench.write(files);
  return bench;
}

/** Reads a text of the bench that a build wrote to a folder. */
export const readText = (path: string): Promise<string> => readFile(path, 'utf8');

function stepsOf(log: string): { ran: string[]; cached: string[] } {
  const names = new Map<string, string>();
  const cached = new Set<string>();
  for (const line of log.split('\n')) {
    const [, number = '', rest = ''] = /^(#\d+) (.*)$/.exec(line) ?? [];
    const [, name] = /^\[(?!internal).*?\] (.*)$/.exec(rest) ?? [];
    if (name && !name.startsWith('FROM ')) names.set(number, name);
    if (/^CACHED/.test(rest)) cached.add(number);
  }
  const all = [...names];
  return {
    ran: all.filter(([number]) => !cached.has(number)).map(([, name]) => name),
    cached: all.filter(([number]) => cached.has(number)).map(([, name]) => name),
  };
}
