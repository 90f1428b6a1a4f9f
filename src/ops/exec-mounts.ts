// RUN --mount as mounts of the runtime: sources assembled, cache folders locked, secrets written where only the step sees them.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { giveOwner } from '../fs/owner-mark.ts';
import type { ExecMount, ExecOp } from '../graph/vertex.ts';
import type { StepMount, Tree } from '../seams.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';
import { takeCacheFolders } from './cache-folders.ts';
import { type Shown, shownByTree } from './check-mounts.ts';
import { copyEntries } from './copy-entries.ts';
import type { OpEnvironment } from './environment.ts';
import { mountedPath } from './mounted-path.ts';
import { orderMounts } from './order-mounts.ts';
import { layersOf, type Result, treeOf } from './result.ts';

export interface PreparedMounts {
  mounts: StepMount[];
  env: [string, string][];
  /** What mounts of other results show. */
  trees: Map<StepMount, Shown>;
}

export interface MountContext {
  environment: OpEnvironment;
  op: ExecOp;
  inputs: readonly (Result | undefined)[];
  /** The step's root. */
  root: Tree;
  scratch: string;
  /** --no-cache: cache mounts begin empty. */
  fresh: boolean;
  /** Released after the step. */
  held: AsyncDisposable[];
  signal: AbortSignal;
}

const absoluteTarget = (context: MountContext, target: string): string =>
  cleanPath(target.startsWith('/') ? target : `${context.op.cwd}/${target}`);

/** Targets are relative to the working directory, and links in the root are followed. */
function targetPath(context: MountContext, target: string): string {
  const path = resolvePath(context.root, absoluteTarget(context, target), { followLast: true });
  if (path === '/' && target === '')
    throw new SlipwayError('ERR_SYNTAX', 'a mount has no target', { hint: 'write target=/path in it' });
  if (path === '/')
    throw new SlipwayError('ERR_SYNTAX', `invalid mount target ${JSON.stringify(target)}: it is the root`, {
      hint: 'mount on a folder',
    });
  return path;
}

/** A mount of what another result holds. */
async function sourceMount(
  context: MountContext,
  mount: { input: number; source: string; target: string; readOnly: boolean },
  trees: Map<StepMount, Shown>,
): Promise<StepMount> {
  const result = context.inputs[mount.input];
  const { target, readOnly } = mount;
  if (result && result.kind !== 'layers') {
    const tree = await treeOf(result, context.environment.snapshotter, context.signal);
    return contextMount(context, tree, mount);
  }
  const snapshot = await context.environment.snapshotter.view(layersOf(result), context.signal);
  const path = mountedPath(snapshot.tree, mount.source, 'the stage or image that is mounted');
  let { root } = snapshot;
  if (!readOnly && root.type === 'directory') {
    // The folder is everybody's: what is written goes to a copy.
    const copy = join(newFolder(context, 'copy'), 'source');
    copyEntries(snapshot.tree, path, copy);
    return { type: 'bind', source: copy, target, readonly: false };
  }
  if (!readOnly && root.type === 'overlay') {
    const upper = newFolder(context, 'upper');
    root = { ...root, upper, work: newFolder(context, 'work') };
  }
  const made: StepMount = { type: 'tree', root, path, target, readonly: readOnly };
  trees.set(made, shownByTree(snapshot.tree, path));
  return made;
}

let folders = 0;
function newFolder(context: MountContext, name: string): string {
  const path = join(context.scratch, `${name}-${folders++}`);
  mkdirSync(path);
  return path;
}

/** Files of the client: ignored ones must not be seen, so that a filtered context is mounted as a copy of what is left. */
function contextMount(
  context: MountContext,
  tree: Tree,
  mount: { source: string; target: string; readOnly: boolean },
): StepMount {
  const path = mountedPath(tree, mount.source, 'the build context');
  const source = join(newFolder(context, 'context'), 'source');
  copyEntries(tree, path, source);
  return { type: 'bind', source, target: mount.target, readonly: mount.readOnly };
}

async function secretMount(
  context: MountContext,
  mount: Extract<ExecMount, { type: 'secret' }>,
  prepared: PreparedMounts,
): Promise<void> {
  const value = await context.environment.exec.secret(mount.id);
  if (value === undefined && mount.required) {
    throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `secret ${mount.id}: not found`, {
      hint: `give it with --secret id=${mount.id},src=FILE or --secret id=${mount.id},env=NAME`,
    });
  }
  if (mount.env !== undefined) prepared.env.push([mount.env, value?.toString('utf8') ?? '']);
  if (mount.target === undefined || value === undefined) return;
  const file = join(newFolder(context, 'secret'), 'value');
  writeFileSync(file, value, { mode: 0o600 });
  giveOwner(file, mount);
  chmodSync(file, mount.mode);
  prepared.mounts.push({
    type: 'bind',
    source: file,
    target: targetPath(context, mount.target),
    readonly: true,
  });
}

/** The first one's socket is SSH_AUTH_SOCK, without an agent too, unless the image or the Dockerfile sets it. */
async function sshMount(
  context: MountContext,
  mount: Extract<ExecMount, { type: 'ssh' }>,
  prepared: PreparedMounts,
): Promise<void> {
  const number = context.op.mounts.filter(({ type }) => type === 'ssh').indexOf(mount);
  const target = mount.target ?? `/run/buildkit/ssh_agent.${number}`;
  if (number === 0 && !context.op.env.some(([name]) => name === 'SSH_AUTH_SOCK')) {
    prepared.env.push(['SSH_AUTH_SOCK', absoluteTarget(context, target)]);
  }
  const { uid, gid, mode } = mount;
  const path = join(newFolder(context, 'ssh'), 'agent');
  const agent = await context.environment.exec.agent(mount.id, { path, uid, gid, mode });
  if (agent === undefined) {
    if (!mount.required) return;
    throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `SSH agent ${mount.id}: not given`, {
      hint: `give it with --ssh ${mount.id} (the agent at $SSH_AUTH_SOCK) or --ssh ${mount.id}=KEYFILE`,
    });
  }
  context.held.push(agent);
  prepared.mounts.push({ type: 'bind', source: path, target: targetPath(context, target), readonly: false });
}

/** @throws ERR_SOURCE_NOT_FOUND for sources, and for required secrets and agents, that are not there. */
export async function prepareMounts(context: MountContext): Promise<PreparedMounts> {
  const prepared: PreparedMounts = { mounts: [], env: [], trees: new Map() };
  const caches = await takeCacheFolders({ ...context, mounts: context.op.mounts });
  for (const mount of context.op.mounts) {
    if (mount.type === 'ssh') {
      await sshMount(context, mount, prepared);
      continue;
    }
    if (mount.type === 'secret') {
      await secretMount(context, mount, prepared);
      continue;
    }
    const target = targetPath(context, mount.target);
    if (mount.type === 'tmpfs')
      prepared.mounts.push({ type: 'tmpfs', target, size: mount.size || undefined });
    else if (mount.type === 'cache')
      prepared.mounts.push({
        ...{ type: 'bind', source: caches.get(mount)!, target, readonly: mount.readOnly },
        movable: true,
      });
    else if (mount.input === undefined)
      prepared.mounts.push({
        type: 'bind',
        source: newFolder(context, 'empty'),
        target,
        readonly: mount.readOnly,
      });
    else
      prepared.mounts.push(
        await sourceMount(context, { ...mount, input: mount.input, target }, prepared.trees),
      );
  }
  return { ...prepared, mounts: orderMounts(prepared.mounts) };
}
