// The state folder opened: stores, caches, and the parts that are chosen by what the machine can do, each when first needed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { createLease, type Lease } from '../fs/lease.ts';
import { privateMode } from '../fs/private-folder.ts';
import { makeTempDir, type TempDir } from '../fs/temp-dir.ts';
import { createUnpackBudget, createUnpackCounter, type UnpackBudget } from '../layer/unpack-limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Caution } from '../runtime/caution.ts';
import { createNotedParents } from '../runtime/noted-parents.ts';
import type { CacheIndex, Layer, OpenLayer, Runtime, Snapshotter, SourceImage } from '../seams.ts';
import { createCacheIndex } from '../store/cache-index.ts';
import { type BlobStore, createContentStore } from '../store/content-store.ts';
import { createImageStore, type ImageStore } from '../store/image-store.ts';
import { createLayerIndex, type LayerIndex } from '../store/layer-index.ts';
import { createLayerReader } from '../store/open-layer.ts';
import { traced, tracedStream } from '../trace.ts';
import { type CacheGate, createCacheGate, gatedRegistries } from './cache-gate.ts';
import { chooseSnapshotter } from './choose-snapshotter.ts';
import { createDamages, type Damages } from './damages.ts';
import { createEarlyLayers, type EarlyLayers } from './early-layers.ts';
import { createLayerTars } from './layer-tars.ts';
import { createMountExchange, type MountExchange } from './mount-exchange.ts';
import { createPackedLayers, type PackedLayers } from './packed-layers.ts';
import { createProbes } from './probes.ts';
import { createRegistries, type Registries } from './registries.ts';
import type { SecretGuard } from './secret-guard.ts';
import { createSharedLayers, losing, type SharedLayers } from './shared-layers.ts';
import { createStepFolders } from './step-folders.ts';
import {
  tracedCache,
  tracedOpenLayer,
  tracedRuntime,
  tracedSnapshotter,
  tracedStore,
  tracedUnpack,
} from './traced-parts.ts';

/** Disposing of it removes what is of this process alone. */
export interface State extends AsyncDisposable {
  root: string;
  store: BlobStore;
  /** What would run, fetch or unpack passes it first. */
  gate: CacheGate;
  /** How much what others made may unpack to. */
  budget: UnpackBudget;
  layers: LayerIndex;
  /** Layers that are compressed before an output asks for it. */
  early: EarlyLayers;
  packed: PackedLayers;
  cache: CacheIndex;
  images: ImageStore;
  registries: Registries;
  /** What this state found or stored is deleted by nobody before it is disposed of. */
  lease: Lease;
  /** Layers that shared caches have. */
  shared: SharedLayers;
  /** What of the store proves damaged. */
  damages: Damages;
  mounts: MountExchange;
  /** Set where the build has secrets. */
  secrets: SecretGuard | undefined;
  openLayer: OpenLayer;
  /** Says from which image a blob that is not stored can be fetched, and in which repository that image is. */
  provide(image: SourceImage, repository?: string): void;
  /** Repositories (`docker.io/library/busybox`) that are known to have a blob. */
  repositoriesOf(blob: Digest): readonly string[];
  canFetch(blob: Digest): boolean;
  fetch(blob: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** @param soon layers that it will be asked for: what has to be fetched is on its way while the machine is looked at. */
  snapshotter(soon?: { layers: readonly Layer[]; signal: AbortSignal }): Promise<Snapshotter>;
  /** Of the snapshotter, if one was needed: once no step runs any more. */
  releaseSnapshots(): void;
  /** @param warn of what steps are not kept from, once for the state. */
  runtime(warn: (caution: Caution) => void): Promise<Runtime>;
  tempDir(name: string): Promise<TempDir>;
  /** A fresh folder for one step. */
  stepDir(): Promise<TempDir>;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export function openState(options: EngineOptions, gate = createCacheGate(true)): State {
  const { root } = options;
  const path = options.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const budget = createUnpackBudget(options.env['SLIPWAY_LIMITS']);
  const lease = createLease(root, privateMode);
  const shared = createSharedLayers();
  let chosen: Snapshotter | undefined;
  const damages = createDamages((diffID) => {
    shared.lose(diffID);
    chosen?.refresh?.();
  });
  const store = tracedStore(createContentStore(root, lease, damages.blob));
  const layers = damages.index(shared.index(createLayerIndex(root)));
  const held: AsyncDisposable[] = [];
  const registries = gatedRegistries(createRegistries(options), gate);
  const providers = new Map<Digest, SourceImage>();
  const repositories = new Map<Digest, string[]>();
  const fetch = (blob: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array> => {
    const image = providers.get(blob.digest);
    const args = { digest: blob.digest, size: blob.size };
    if (image) return tracedStream('pull', 'download', image.blob(blob, signal), args);
    if (shared.origin(blob.digest)) return tracedStream('pull', 'download', shared.open(blob, signal), args);
    throw new SlipwayError(
      'ERR_BLOB_NOT_FOUND',
      `${blob.digest} is not in the store, and no image is known that has it`,
      {
        hint: 'build again with --no-cache',
      },
    );
  };
  const reader = createLayerReader({
    store,
    layers,
    fetch,
    async *decompress(source, signal) {
      const { decompress } = await import('../layer/decompress.ts');
      yield* tracedStream('layer', 'decompress', decompress(source, signal, createUnpackCounter(budget)));
    },
  });
  const losses = { shared, damages, store };
  const openLayer = losing(losses, tracedOpenLayer(reader.open));
  const early = createEarlyLayers(store, layers);
  const packed = createPackedLayers();
  const tars = createLayerTars({
    packed,
    store,
    storing: losing(losses, reader.storing),
    layers,
  });

  const probes = createProbes(root, path);
  const facts = async () => (await import('../runtime/read-facts.ts')).readFacts(path, options.env);

  const releaseSnapshots = (): void => chosen?.release?.();
  const snapshotter = once(async () => {
    chosen = await chooseSnapshotter({
      ...{
        root,
        openLayer,
        tars,
        lease,
        probes,
        asked: options.snapshotter,
        isolation: options.isolation,
        prefetch: reader.prefetch,
        onDamage: damages.snapshot,
      },
      limits: budget.limits,
      facts,
      decorate: tracedUnpack,
      hold: (resource) => void held.push(resource),
      tempDir: (name) => makeTempDir(join(root, 'tmp'), name),
    });
    return tracedSnapshotter(chosen);
  });

  /** A directory that is made when it is asked for. */
  function probeFolder(): AsyncDisposable & { path(): Promise<string> } {
    const make = once(() => makeTempDir(join(root, 'tmp'), 'probe'));
    let asked = false;
    return {
      async path() {
        asked = true;
        return (await make()).path;
      },
      async [Symbol.asyncDispose]() {
        if (asked) await (await make())[Symbol.asyncDispose]();
      },
    };
  }

  let chosenRuntime: Runtime | undefined;
  const parents = createNotedParents(root);
  let caution: Caution | undefined;
  const runtime = once(async () => {
    if (process.platform !== 'linux') {
      throw new SlipwayError('ERR_RUNTIME_MISSING', `RUN needs Linux; this is ${process.platform}`, {
        hint: 'build on Linux or in a Linux virtual machine; Dockerfiles without RUN build here',
      });
    }
    const { chooseRuntime } = await import('../runtime/probe.ts');
    const known = (await probes.known()).runtimes ?? [];
    await using tried = probeFolder();
    const chosen = await chooseRuntime(options.isolation, {
      ...{ path, known, scratch: tried.path },
      require: options.require,
      facts,
    });
    const { rung, lacks, proc } = chosen.trial;
    if (rung !== 'sandbox' || lacks?.length || proc === false)
      caution = (await import('../runtime/caution.ts')).cautionOf(chosen.trial);
    if (chosen.probes.length > known.length) await probes.remember({ runtimes: chosen.probes });
    chosenRuntime = parents.noting(tracedRuntime(chosen.runtime));
    return chosenRuntime;
  });

  const steps = createStepFolders(async () => {
    const folder = await makeTempDir(join(root, 'tmp'), 'steps');
    held.push(folder);
    return folder;
  });

  const state: State = {
    root,
    store,
    gate,
    budget,
    layers,
    early,
    packed,
    cache: tracedCache(createCacheIndex(root, lease, damages.record)),
    images: createImageStore(root, store),
    registries,
    lease,
    shared,
    damages,
    mounts: createMountExchange(budget, () => state.secrets),
    secrets: undefined,
    openLayer,
    fetch,
    provide(image, repository) {
      for (const diffID of image.config.rootfs.diff_ids) damages.name(diffID, image.name);
      for (const { digest } of image.manifest.layers) {
        providers.set(digest, image);
        const known = repositories.get(digest) ?? [];
        if (repository !== undefined && !known.includes(repository))
          repositories.set(digest, [...known, repository]);
      }
    },
    repositoriesOf(blob) {
      const cache = shared.origin(blob)?.repository;
      return [...(repositories.get(blob) ?? []), ...(cache === undefined ? [] : [cache])];
    },
    canFetch: (blob) => providers.has(blob) || shared.origin(blob) !== undefined,
    async snapshotter(soon) {
      gate.pass();
      // Where nothing was unpacked yet, all has to be had.
      if (soon && !existsSync(join(root, 'snapshots-v2'))) reader.prefetch(soon.layers, soon.signal);
      return snapshotter();
    },
    releaseSnapshots,
    async runtime(warn) {
      gate.pass();
      const made = await runtime();
      const untold = caution;
      caution = undefined;
      if (untold) warn(untold);
      return made;
    },
    tempDir: (name) => makeTempDir(join(root, 'tmp'), name),
    stepDir: steps.next,
    async [Symbol.asyncDispose]() {
      await traced('end', 'close the state folder', async () => {
        await early[Symbol.asyncDispose]();
        chosenRuntime?.release?.();
        parents[Symbol.dispose]();
        releaseSnapshots();
        for (const one of held) await one[Symbol.asyncDispose]();
        // What a step wrote before it failed may hold one: that does not wait for the next build.
        if (state.secrets)
          await (await import('./sweep-state.ts')).sweepState(state, AbortSignal.timeout(5000));
        await registries.close();
        await lease[Symbol.asyncDispose]();
      });
    },
  };
  return state;
}
