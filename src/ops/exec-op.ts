// RUN as an op: keyed on what it is and sees, run in a root of its own, its changes packed into a layer.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunError } from '../errors.ts';
import { defaultPath } from '../graph/env.ts';
import type { ExecOp, Vertex } from '../graph/vertex.ts';
import type { Resources } from '../oci/resources.ts';
import type { KeyTree, StepMount } from '../seams.ts';
import type { CacheKey, Op, Outcome } from '../solver/solve.ts';
import { traced } from '../trace.ts';
import { keyDigest, treeKey } from '../tree/key-tree.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';
import { checkMounts } from './check-mounts.ts';
import type { OpEnvironment } from './environment.ts';
import { execKey } from './exec-key.ts';
import { prepareMounts } from './exec-mounts.ts';
import { missingMountPoints, removeMountPoints } from './mount-points.ts';
import { createOutputTail } from './output-tail.ts';
import { identityOf, layersOf, type Result, treeOf, withLayer } from './result.ts';
import { systemFiles } from './system-files.ts';
import { processUser } from './user.ts';

type Inputs = readonly (Result | undefined)[];

const memoryHint = ({ memory = 0 }: Resources = {}): string =>
  `${Math.round(memory / (1 << 20))} MiB were not enough: give steps more with --resource memory=SIZE, or let this one use less at once`;

/** Where the kernel did not know what to do with a program. */
const formatHint = (tail: readonly string[]): string | undefined =>
  tail.at(-1)?.endsWith(': exec format error')
    ? 'a script needs a first line such as #!/bin/sh; a program for another machine needs an emulator: apt-get install qemu-user-static binfmt-support'
    : undefined;

export function createExecOp(op: ExecOp, vertex: Vertex, environment: OpEnvironment): Op<Result> {
  const { snapshotter } = environment;

  /** What mount `index` shows: by identity where that is enough, else by content. */
  async function shown(
    index: number,
    inputs: Inputs,
    signal: AbortSignal,
  ): Promise<KeyTree | string | undefined> {
    const mount = op.mounts[index]!;
    if ((mount.type !== 'bind' && mount.type !== 'cache') || mount.input === undefined) return undefined;
    const result = inputs[mount.input];
    const tree = await treeOf(result, snapshotter, signal);
    return treeKey(tree, resolvePath(tree, cleanPath(mount.source), { followLast: true }), {
      mode: true,
      owner: result?.kind === 'layers',
    });
  }

  function identityOfMount(index: number, inputs: Inputs): string | undefined {
    const mount = op.mounts[index]!;
    if ((mount.type !== 'bind' && mount.type !== 'cache') || mount.input === undefined) return undefined;
    const result = inputs[mount.input];
    return result?.kind === 'tree' ? undefined : identityOf(result);
  }

  async function* keys(inputs: Inputs, signal: AbortSignal): AsyncIterable<CacheKey> {
    const root = identityOf(inputs[0]);
    const mounted = op.mounts.flatMap((mount, index) =>
      'input' in mount && mount.input !== undefined ? [index] : [],
    );
    const layered = mounted.filter((index) => identityOfMount(index, inputs) !== undefined);
    const contents = new Map<number, KeyTree | string | undefined>();
    for (const index of mounted)
      if (!layered.includes(index)) contents.set(index, await shown(index, inputs, signal));
    const settings = environment.exec;
    const quick = execKey(op, settings, {
      root,
      content: (index) => identityOfMount(index, inputs) ?? contents.get(index),
    });
    yield { digest: keyDigest(quick), tree: quick };
    if (layered.length === 0) return;
    for (const index of layered) contents.set(index, await shown(index, inputs, signal));
    const tree = execKey(op, settings, { root, content: (index) => contents.get(index) });
    yield { digest: keyDigest(tree), tree };
  }

  function scriptMount(scratch: string): StepMount[] {
    if (!op.script) return [];
    const folder = join(scratch, 'pipes');
    mkdirSync(folder);
    writeFileSync(join(folder, op.script.name), op.script.data);
    chmodSync(join(folder, op.script.name), 0o755);
    return [{ type: 'bind', source: folder, target: '/dev/pipes', readonly: true }];
  }

  async function run(inputs: Inputs, signal: AbortSignal): Promise<Outcome> {
    // While layers are fetched the machine is looked at; without a runtime they are not wanted.
    const stop = new AbortController();
    const choosing = environment.runtime();
    choosing.catch((error: unknown) => stop.abort(error));
    const held: AsyncDisposable[] = [];
    try {
      await using scratch = await traced('exec', 'make scratch folder', () => environment.scratch());
      const preparing = AbortSignal.any([signal, stop.signal]);
      await using active = await snapshotter.prepare(layersOf(inputs[0]), preparing);
      const runtime = await traced('exec', 'wait for a runtime', () => choosing);
      const root = active.parent;
      const user = processUser(root, op.user);
      const context = {
        environment,
        op,
        inputs,
        root,
        scratch: scratch.path,
        fresh: vertex.ignoreCache,
        held,
        signal,
      };
      const prepared = await traced('exec', 'prepare mounts', () => prepareMounts(context));
      const env = new Map([['PATH', defaultPath], ...op.env, ...op.proxyEnv, ...prepared.env]);
      if (!env.has('HOME')) env.set('HOME', user.home);
      const { argv, platform } = op;
      const cwd = cleanPath(op.cwd);
      const check = { root, argv, path: env.get('PATH') ?? defaultPath, cwd, platform };
      await traced('exec', 'check the platform', async () => environment.checkPlatform?.(check));
      const mounts = [
        ...systemFiles(environment.exec, root, scratch.path),
        ...scriptMount(scratch.path),
        ...prepared.mounts,
      ];
      checkMounts(root, mounts, prepared.trees);
      const made = missingMountPoints(
        root,
        mounts.map(({ target }) => target),
      );
      const tail = createOutputTail();
      const { exitCode, memoryLimitHit = false } = await runtime.run(
        {
          root: active.root,
          process: {
            argv: op.argv,
            env: [...env].map(([name, value]) => `${name}=${value}`),
            cwd,
            uid: user.uid,
            gid: user.gid,
            groups: user.groups,
          },
          mounts,
          hostname: environment.exec.hostname,
          network: op.network,
          security: op.security,
          shmSize: environment.exec.shmSize,
          ulimits: environment.exec.ulimits,
          resources: environment.exec.resources,
          cgroupParent: environment.exec.cgroupParent,
          scratch: scratch.path,
        },
        {
          onOutput(stream, chunk) {
            tail.add(chunk);
            environment.onOutput(vertex.id, stream, chunk);
          },
        },
        signal,
      );
      if (exitCode !== 0) {
        const command = op.argv.join(' ');
        const why = memoryLimitHit ? ': killed at the memory limit' : '';
        throw new RunError(
          `process ${JSON.stringify(command)} did not complete successfully: exit code: ${exitCode}${why}`,
          { exitCode, tail: tail.lines() },
          {
            place: vertex.place,
            hint: memoryLimitHit ? memoryHint(environment.exec.resources) : formatHint(tail.lines()),
          },
        );
      }
      traced('exec', 'remove mount points', () => removeMountPoints(active.writable, made));
      const outcome = await environment.commit(active.changes(), signal);
      await active.commit(outcome.diffID);
      return outcome;
    } finally {
      for (const one of held) await one[Symbol.asyncDispose]();
    }
  }

  return {
    keys,
    run,
    below: (inputs) => identityOf(inputs[0]),
    async load(record, inputs) {
      return withLayer(inputs[0], { diffID: record!.diffID, size: record!.size, blobs: [] }, record!.content);
    },
  };
}
