// Runs the process of a RUN: its root with what it mounts, its user and environment, what it says, how it ended.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { RunError } from '../errors.ts';
import { defaultPath } from '../graph/env.ts';
import type { ExecOp, Vertex } from '../graph/vertex.ts';
import type { ActiveSnapshot, RootFilesystem, StepMount } from '../seams.ts';
import { traced } from '../trace.ts';
import { cleanPath } from '../tree/path.ts';
import { aptAsRoot } from './apt-as-root.ts';
import { checkMounts } from './check-mounts.ts';
import type { OpEnvironment } from './environment.ts';
import { prepareMounts } from './exec-mounts.ts';
import { missingMountPoints, removeMountPoints } from './mount-points.ts';
import { createOutputTail } from './output-tail.ts';
import { layersOf, type Result } from './result.ts';
import { runHint } from './run-hint.ts';
import { systemMounts, writeSystemFiles } from './system-files.ts';
import { processUser } from './user.ts';

export interface StepParts {
  op: ExecOp;
  vertex: Vertex;
  environment: OpEnvironment;
  inputs: readonly (Result | undefined)[];
  /** Gets what the caller is to dispose of, last first, when the step's changes are stored or it has failed. */
  given: AsyncDisposable[];
  signal: AbortSignal;
}

function scriptMount({ script }: ExecOp, scratch: string): StepMount[] {
  if (!script) return [];
  const folder = join(scratch, 'pipes');
  mkdirSync(folder);
  writeFileSync(join(folder, script.name), script.data);
  chmodSync(join(folder, script.name), 0o755);
  return [{ type: 'bind', source: folder, target: '/dev/pipes', readonly: true }];
}

async function prepareRoot(root: Result | undefined, environment: OpEnvironment, signal: AbortSignal) {
  if (root?.kind === 'live') return { active: root.snapshot.prepare(), choosing: environment.runtime() };
  // While layers are fetched the machine is looked at; without a runtime they are not wanted.
  const stop = new AbortController();
  const choosing = environment.runtime();
  choosing.catch((error: unknown) => stop.abort(error));
  const preparing = AbortSignal.any([signal, stop.signal]);
  const active = await environment.snapshotter.prepare(layersOf(root), preparing);
  return { active, choosing };
}

/** Overlayfs takes 500 directories. */
const longestStack = 400;

/** /etc/hosts and /etc/resolv.conf, and a root that they can be mounted on. */
async function systemFilesOf(
  { op, environment }: StepParts,
  { root, parent }: ActiveSnapshot,
  scratch: string,
): Promise<{ mounts: StepMount[]; root: RootFilesystem; lacksNone: boolean }> {
  // A step that may mount can write to what was mounted for it.
  if (op.security === 'insecure') {
    const mounts = systemMounts(writeSystemFiles(environment.exec, scratch), parent);
    return { mounts, root, lacksNone: false };
  }
  const shared = await environment.sharedFiles();
  const mounts = shared.mounts(parent);
  if (root.type !== 'overlay' || root.lowers.length > longestStack) return { mounts, root, lacksNone: false };
  const targets = mounts.map(({ target }) => target);
  const points = shared.points(parent, targets);
  if (points === undefined) return { mounts, root, lacksNone: false };
  return {
    mounts,
    root: { ...root, lowers: [relative(root.base, points), ...root.lowers] },
    lacksNone: true,
  };
}

/** @returns what it wrote to, without what was made for its mounts. @throws ERR_RUN_FAILED and what its parts throw */
export async function runStep(parts: StepParts): Promise<ActiveSnapshot> {
  const { op, vertex, environment, inputs, given, signal } = parts;
  const held: AsyncDisposable[] = [];
  try {
    const scratch = await traced('exec', 'make scratch folder', () => environment.scratch());
    given.push(scratch);
    const { active, choosing } = await prepareRoot(inputs[0], environment, signal);
    given.push(active);
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
    const system = await systemFilesOf(parts, active, scratch.path);
    const apt = aptAsRoot(root, user.uid, scratch.path);
    const own = [...apt, ...scriptMount(op, scratch.path), ...prepared.mounts];
    const mounts = [...system.mounts, ...own];
    checkMounts(root, mounts, prepared.trees);
    const made = missingMountPoints(
      root,
      (system.lacksNone ? own : mounts).map(({ target }) => target),
    );
    await active.hide?.(mounts.map(({ target }) => target));
    const tail = createOutputTail();
    const {
      exitCode,
      memoryLimitHit = false,
      links = new Map(),
    } = await runtime.run(
      {
        root: system.root,
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
          hint: runHint({
            argv: op.argv,
            exitCode,
            tail: tail.lines(),
            memoryLimitHit,
            resources: environment.exec.resources,
          }),
        },
      );
    }
    traced('exec', 'remove mount points', () => removeMountPoints(active.writable, made));
    active.own?.({ user, links });
    return active;
  } finally {
    for (const one of held) await one[Symbol.asyncDispose]();
  }
}
