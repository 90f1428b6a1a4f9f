// Wires the ops to the state folder, the contexts and the runtime of one build.
import { createReadStream } from 'node:fs';
import type { BuildRequest } from '../build-request.ts';
import type { EngineOptions } from '../engine.ts';
import { decompress } from '../layer/decompress.ts';
import { type UnpackResult, unpackLayer } from '../layer/unpack.ts';
import { createUnpackCounter } from '../layer/unpack-limits.ts';
import { chainID } from '../oci/chain-id.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { ExecSettings, OpEnvironment } from '../ops/environment.ts';
import { scratchIdentity } from '../ops/result.ts';
import { createSharedFiles, type SharedFiles } from '../ops/shared-files.ts';
import { createDirectoryTree } from '../snapshot/plain-tree.ts';
import type { OnEvent } from '../solver/events.ts';
import { hasTarChecksum } from './archive.ts';
import { createCacheMounts } from './cache-mounts.ts';
import { checkPlatform } from './check-platform.ts';
import { commitLayer, commitOptions, rememberedFor } from './commit-layer.ts';
import type { BuildDefinition } from './definition.ts';
import { fetchFile, fetchRepository } from './fetch-file.ts';
import type { ImageResolver } from './resolve-image.ts';
import { createSecrets } from './secrets.ts';
import type { Sources } from './sources.ts';
import { createAgents } from './ssh-agents.ts';
import type { State } from './state.ts';
import { extraHost, resolvConf } from './step-hosts.ts';

export interface EnvironmentParts {
  state: State;
  definition: BuildDefinition;
  sources: Sources;
  images: ImageResolver;
  request: BuildRequest;
  options: EngineOptions;
  onEvent: OnEvent;
  now(): number;
}

async function execSettings(request: BuildRequest): Promise<ExecSettings> {
  return {
    hostname: request.buildArgs['BUILDKIT_SANDBOX_HOSTNAME'] || 'buildkitsandbox',
    extraHosts: request.addHosts.map(extraHost),
    resolvConf: resolvConf(),
    shmSize: request.shmSize,
    ulimits: request.ulimits,
    ...(request.resources && { resources: request.resources }),
    cgroupParent: request.cgroupParent,
    secret: createSecrets(request),
    agent: await createAgents(request),
  };
}

export async function createOpEnvironment(parts: EnvironmentParts): Promise<OpEnvironment> {
  const { state, definition, sources, images, onEvent, now } = parts;

  const started = now();
  const commit: OpEnvironment['commit'] = (entries, signal, settings) =>
    commitLayer(entries, {
      store: state.store,
      early: undefined,
      packed: rememberedFor(settings, state),
      signal,
      ...commitOptions({ started, now }, settings),
    });

  const exec = await execSettings(parts.request);
  let shared: Promise<SharedFiles> | undefined;
  const sharedFiles = (): Promise<SharedFiles> => {
    // It goes with the folders of all steps.
    shared ??= state.stepDir().then(({ path }) => createSharedFiles(exec, path));
    return shared;
  };

  return {
    snapshotter: lazySnapshotter(state),
    runtime: () =>
      state.runtime(({ message, hint }) => onEvent({ type: 'warning', message, hint, time: now() })),
    checkPlatform,
    exec,
    started,
    now,
    commit,
    onOutput: (id, stream, data) => onEvent({ type: 'log', id, stream, data, time: now() }),
    scratch: state.stepDir,
    sharedFiles,
    cacheMount: createCacheMounts(state),
    context: (op) => definition.context(op.name),
    http: (op, signal) => fetchFile(op, sources, signal),
    git: (op, signal) => fetchRepository(op, sources, signal),
    async image(op, signal) {
      const image = await images.resolve(op, signal);
      const { diff_ids: diffIDs } = image.config.rootfs;
      const layers = diffIDs.map((diffID, index) => ({
        diffID,
        size: undefined,
        blobs: [image.manifest.layers[index]!],
      }));
      const chain = chainID(diffIDs);
      return {
        kind: 'layers',
        identity: chain ? `${chain} ${formatPlatform(op.platform)}` : scratchIdentity,
        layers,
      };
    },
    async unpackArchive(path, signal) {
      if (!(await isArchive(path))) return undefined;
      const folder = await state.tempDir('archive');
      let unpacked: UnpackResult;
      try {
        const counter = createUnpackCounter(state.budget);
        const source = decompress(createReadStream(path), signal, counter);
        unpacked = await unpackLayer(source, folder.path, {
          form: 'archive',
          limits: state.budget.limits,
          overlayXattr: 'trusted.overlay',
          pendingLinks: true,
          signal,
        });
      } catch (error) {
        await folder[Symbol.asyncDispose]();
        throw error;
      }
      return {
        tree: createDirectoryTree(folder.path),
        ...{ implied: unpacked.implied, links: unpacked.links },
        [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
      };
    },
  };
}

/** Whether a file is a tar, compressed or not. */
async function isArchive(path: string | Buffer): Promise<boolean> {
  const signal = new AbortController().signal;
  const head = createReadStream(path, { end: (1 << 20) - 1 });
  try {
    for await (const chunk of decompress(head, signal)) {
      return chunk.length >= 512 && (chunk.toString('latin1', 257, 262) === 'ustar' || hasTarChecksum(chunk));
    }
    return false;
  } catch {
    return false;
  }
}

/** The snapshotter is chosen when the first step must run. */
function lazySnapshotter(state: State): OpEnvironment['snapshotter'] {
  return {
    name: 'lazy',
    view: async (layers, signal) => (await state.snapshotter({ layers, signal })).view(layers, signal),
    async look(layers, signal) {
      const chosen = await state.snapshotter({ layers, signal });
      if (chosen.look) return chosen.look(layers, signal);
      return { tree: (await chosen.view(layers, signal)).tree, [Symbol.dispose]: () => {} };
    },
    prepare: async (layers, signal) => (await state.snapshotter({ layers, signal })).prepare(layers, signal),
  };
}
