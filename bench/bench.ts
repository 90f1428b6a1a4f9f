// What all scenarios share: folders, a registry with base images, the builders. Nothing is deleted before the end.
import { mkdirSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startDockerRegistry } from '../test/support/docker-registry.ts';
import { mustRun } from '../test/support/run-command.ts';
import { type BaseName, makeBase } from './bases.ts';
import type { Builder, Variant } from './builder.ts';
import { lazy } from './lazy.ts';
import { buildahBuilder } from './peers/buildah.ts';
import { type SlipwayProgram, slipwayBuilder } from './slipway.ts';

export interface BenchOptions {
  workDir: string;
  programs: SlipwayProgram[];
  peers: Builder[];
  samples: number;
  /** Small sizes. */
  quick: boolean;
  /** Gigabytes of the file that memory is measured with. */
  memorySize: number;
  corpus: string | undefined;
  /** Ends the run between two samples. */
  signal: AbortSignal;
}

export interface Bench extends AsyncDisposable {
  options: BenchOptions;
  /** Picks a size. */
  size(full: number, quick: number): number;
  /** A new path, whose parent is there. */
  fresh(name: string): string;
  /** Out of the way; deleted in the end. */
  trash(path: string): Promise<void>;
  /** Deletes it now: for scenarios whose time is of no account. */
  emptyTrash(): Promise<void>;
  /** `127.0.0.1:PORT`. */
  registry(): Promise<string>;
  /** Reference of a base image in that registry. */
  base(name: BaseName): Promise<string>;
  /** Slipway as it is, in those variants, and the peers. */
  builders(variants?: readonly Variant[]): Promise<Builder[]>;
}

export async function createBench(options: BenchOptions): Promise<Bench> {
  const top = await mkdtemp(join(options.workDir, 'slipway-bench-'));
  const trash = join(top, 'trash');
  mkdirSync(trash);
  let made = 0;
  let isStarted = false;
  const started = lazy(() => {
    isStarted = true;
    return startDockerRegistry();
  });
  const bases = new Map<BaseName, Promise<string>>();
  const registry = async (): Promise<string> => (await started()).host;
  const fresh = (name: string): string => join(top, `${name}-${made++}`);
  const push = async (name: BaseName): Promise<string> => {
    const host = await registry();
    const layout = await makeBase(name, fresh('base'));
    const ref = `${host}/${name}:1`;
    await mustRun(['skopeo', 'copy', '--dest-tls-verify=false', `oci:${layout}:latest`, `docker://${ref}`]);
    return ref;
  };
  return {
    options,
    ...{ fresh, registry },
    size: (full, quick) => (options.quick ? quick : full),
    trash: (path) => rename(path, join(trash, `${made++}`)),
    async emptyTrash() {
      await rm(trash, { recursive: true, force: true, maxRetries: 3 });
      mkdirSync(trash);
    },
    base(name) {
      const pushed = bases.get(name) ?? push(name);
      bases.set(name, pushed);
      return pushed;
    },
    async builders(variants = []) {
      const own = await Promise.all(
        options.programs.flatMap((program) =>
          [undefined, ...variants].map((variant) => slipwayBuilder(program, variant)),
        ),
      );
      const peers = [...options.peers];
      if (variants.includes('chroot') && peers.some(({ kind }) => kind === 'buildah'))
        peers.push(await buildahBuilder('chroot'));
      return [...own.filter((builder) => builder !== undefined), ...peers];
    },
    async [Symbol.asyncDispose]() {
      if (isStarted) await (await started()).stop();
      await rm(top, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
