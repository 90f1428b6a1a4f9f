// Runs a command in an image: resolve, mount, run, discard what it wrote.
import { hostname as machineName } from 'node:os';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError, withSuggestion } from '../errors.ts';
import { parseContextTarget } from '../graph/sources.ts';
import type { ImageOp } from '../graph/vertex.ts';
import type { ContainerConfig } from '../oci/config.ts';
import type { Platform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { systemMounts, writeSystemFiles } from '../ops/system-files.ts';
import { processUser } from '../ops/user.ts';
import type { RunIO, RunRequest, RunResult } from '../run-request.ts';
import type { Layer, SourceImage } from '../seams.ts';
import { cleanPath } from '../tree/path.ts';
import { checkPlatform } from './check-platform.ts';
import { thisPlatform } from './plan-build.ts';
import { createImageResolver } from './resolve-image.ts';
import { runMounts } from './run-mounts.ts';
import { runArgv, runEnv, runFolder } from './run-process.ts';
import { openState, type State } from './state.ts';
import { extraHost, resolvConf } from './step-hosts.ts';
import { sweepState } from './sweep-state.ts';

/** @throws ERR_UNSUPPORTED, ERR_BAD_REFERENCE */
function imageOp({ image, platform = thisPlatform() }: RunRequest): ImageOp {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(image)?.[1];
  if (scheme === undefined && !/^(oci|docker|dir|containers)[a-z-]*:[./]/.test(image)) {
    const reference = formatReference(parseReference(image));
    return { type: 'image', origin: { kind: 'registry', reference }, platform };
  }
  const target = scheme === 'docker-image' || scheme === 'oci-layout' ? parseContextTarget(image) : undefined;
  if (target?.kind !== 'image') {
    throw new SlipwayError('ERR_UNSUPPORTED', `an image can't be run from ${image}`, {
      hint: 'give NAME[:TAG], docker-image://NAME or oci-layout://PATH[:TAG]; unpack an archive of a layout with tar',
    });
  }
  const { kind, reference } = target.origin;
  const full = kind === 'registry' ? formatReference(parseReference(reference)) : reference;
  return { type: 'image', origin: { kind, reference: full }, platform };
}

const layersOf = (image: SourceImage): Layer[] =>
  image.config.rootfs.diff_ids.map((diffID, index) => ({
    diffID,
    size: undefined,
    blobs: [image.manifest.layers[index]!],
  }));

/** @param call where the command's output goes, besides. @throws ERR_USAGE, and whatever resolving and running throw. */
export async function runImage(
  engine: EngineOptions,
  request: RunRequest,
  call: CallOptions & RunIO,
): Promise<RunResult> {
  const { signal, onEvent } = call;
  const op = imageOp(request);
  const extraHosts = request.addHosts.map(extraHost);
  await using state = openState(engine);
  const images = createImageResolver(state, {
    ...{ pull: request.pull === 'always', offline: request.pull === 'never' },
    ...{ cwd: request.cwd, onEvent, now: Date.now },
  });
  const image = await images.resolve(op, signal).catch((error: unknown) => {
    throw withSuggestion(error, `${request.image} is not stored here: slipway images lists what is.`);
  });
  const config = image.config.config ?? {};
  const argv = runArgv(config, request);
  const cwd = cleanPath(runFolder(config, request));
  try {
    const run = { state, request, config, layers: layersOf(image), argv, cwd, extraHosts };
    return await runLayers({ ...run, platform: op.platform }, call);
  } finally {
    await sweepState(state, signal);
  }
}

interface PreparedRun {
  state: State;
  request: RunRequest;
  config: ContainerConfig;
  layers: Layer[];
  argv: string[];
  cwd: string;
  extraHosts: { name: string; ip: string }[];
  platform: Platform;
}

async function runLayers(run: PreparedRun, call: CallOptions & RunIO): Promise<RunResult> {
  const { state, request, config, layers, argv, cwd, extraHosts, platform } = run;
  const { signal, onEvent } = call;
  const snapshotter = await state.snapshotter();
  const runtime = await state.runtime(({ message, hint }) =>
    onEvent({ type: 'warning', message, hint, time: Date.now() }),
  );
  await using scratchDir = await state.tempDir('run');
  await using active = await snapshotter.prepare(layers, signal);
  const scratch = scratchDir.path;
  const root = active.parent;
  const hostname = request.hostname ?? (request.network === 'host' ? machineName() : 'slipway');
  const { uid, gid, groups, home } = processUser(root, request.user ?? config.User ?? '');
  const env = runEnv(config, request, { hostname, home });
  const path = env.find((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  await checkPlatform({ root, argv, path, cwd, platform });
  const declared = Object.keys(config.Volumes ?? {});
  const mounts = runMounts({ request, declared, root, scratch });
  const taken = new Set(mounts.map(({ target }) => target));
  const names = { hostname, extraHosts, resolvConf: resolvConf() };
  const system = systemMounts(writeSystemFiles(names, scratch), root);
  return await runtime.run(
    {
      root: active.root,
      process: { argv, env, cwd, uid, gid, groups },
      mounts: [...system.filter(({ target }) => !taken.has(target)), ...mounts],
      ...{ hostname, network: request.network, security: request.security },
      ...{ shmSize: request.shmSize, ulimits: request.ulimits, readonly: request.readOnly },
      ...{ resources: request.resources, cgroupParent: request.cgroupParent },
      scratch,
    },
    {
      onOutput: call.onOutput,
      ...(call.drained && { drained: call.drained }),
      ...(call.onStart && { onStart: call.onStart }),
      stdin: request.stdin,
    },
    signal,
  );
}
