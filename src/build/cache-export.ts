// --cache-to: puts what a build has learnt of its steps into a shared cache, next to what other builds have put there.
import { setMaxListeners } from 'node:events';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { CacheTarget } from '../build-request.ts';
import {
  type CacheConfig,
  cacheConfigType,
  emptyCache,
  encodeCacheConfig,
} from '../cache-format/cache-config.ts';
import { blobsOfCache, encodeCacheManifest } from '../cache-format/cache-manifest.ts';
import { encodeKeyTrees, keyTreesType } from '../cache-format/key-trees.ts';
import { isCovered, mergeCaches } from '../cache-format/merge-caches.ts';
import { SlipwayError } from '../errors.ts';
import type { ExportLayerParts } from '../export/export-layer.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { CacheRemote, KeyTree } from '../seams.ts';
import type { OnEvent } from '../solver/events.ts';
import { readCache } from './cache-document.ts';
import { createCacheUpload } from './cache-upload.ts';
import type { CacheVertices } from './cache-vertices.ts';
import type { SecretCheck } from './secret-guard.ts';
import type { State } from './state.ts';
import type { StepRecords } from './step-records.ts';

export interface CacheExportParts {
  state: State;
  /** Undefined where the build has no secrets. */
  secrets: SecretCheck | undefined;
  target: CacheTarget & { type: 'place' };
  remote: CacheRemote;
  records: StepRecords;
  vertices: CacheVertices;
  layerParts: ExportLayerParts;
  /** What is kept of RUN --mount=type=cache, where that is asked for. */
  mounts?: ((known: CacheConfig['mounts']) => Promise<CacheConfig['mounts']>) | undefined;
  onEvent: OnEvent;
  now(): number;
  signal: AbortSignal;
}

export interface CacheExport {
  /** After the build went well. @throws ERR_EXPORT, unless errors are to be ignored */
  finish(): Promise<void>;
  /** The build failed: what was sent is given back. */
  cancel(): Promise<void>;
}

interface Base {
  config: CacheConfig;
  /** Of the document that the name stands for now. */
  digest: Digest | undefined;
}

const defaultAge = 14 * 24 * 3600_000;
const defaultSize = 10 * 1024 ** 3;
/** Others that write to the same name at the same time make this one look again. */
const mostTries = 10;

const pack = promisify(gzip);

/** Layers are compressed and sent while the build goes on, each as soon as its step is done. */
export function startCacheExport(parts: CacheExportParts): CacheExport {
  const { state, secrets, target, records, vertices, layerParts } = parts;
  let hasSent = false;
  const remote: CacheRemote = {
    ...parts.remote,
    async write(blob, either) {
      const how = await parts.remote.write(blob, either);
      hasSent ||= how !== 'present';
      return how;
    },
  };
  const id = `cache-to ${remote.name}`;
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  // Every layer listens.
  setMaxListeners(0, signal);
  const first = readBase();
  first.catch(() => {});
  const known = first.then(({ config }) => new Map(config.layers.map((layer) => [layer.diffID, layer])));
  known.catch(() => {});
  const upload = createCacheUpload({ state, secrets, remote, target, layerParts, known, signal });
  const wanted = target.mode === 'max' ? vertices.all : vertices.own;
  records.watch((vertex, record) => {
    if (wanted.has(vertex)) upload.add(record);
  });

  /** What is there and is no cache is replaced. */
  async function readBase(): Promise<Base> {
    const found = await remote.read(signal);
    if (!found) return { config: emptyCache(), digest: undefined };
    const empty = { config: emptyCache(), digest: found.digest };
    if (target.reset) return empty;
    try {
      const read = await readCache(remote, found, { platforms: [], signal });
      return read.isCache ? { config: read.configs[0]!, digest: read.digest } : empty;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SlipwayError && replaceable.has(error.code)) return empty;
      throw error;
    }
  }

  function tellLayer({ digest, size }: Descriptor): void {
    const item = `writing layer ${digest}`;
    parts.onEvent({ type: 'progress', id, item, current: size, total: size, done: true, time: parts.now() });
  }

  async function writeBytes(bytes: Buffer, mediaType: string): Promise<Descriptor> {
    secrets?.check(bytes, 'a document of the cache');
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await remote.write({ descriptor, open: () => oneChunk(bytes) }, signal);
    return descriptor;
  }

  /** What this build adds. Keys that the base explains stay explained by it. */
  async function own(base: CacheConfig): Promise<CacheConfig> {
    const used = new Date(parts.now()).toISOString();
    const explained = new Map(
      base.results.flatMap(({ keys, diffID, trees }) => keys.map((key) => [`${key} ${diffID}`, trees])),
    );
    const fresh = new Map<Digest, KeyTree>();
    const results: CacheConfig['results'] = [];
    for (const { result, trees } of await records.results(vertices.all, used)) {
      const groups = new Map<Digest | 'fresh' | undefined, Digest[]>();
      for (const key of result.keys) {
        const old = explained.get(`${key} ${result.diffID}`);
        const tree = trees.get(key);
        if (!old && tree) fresh.set(key, tree);
        const group = old ?? (tree ? 'fresh' : undefined);
        groups.set(group, [...(groups.get(group) ?? []), key]);
      }
      for (const [group, keys] of groups)
        results.push({ ...result, keys, ...(group === undefined ? {} : { trees: group as Digest }) });
    }
    const layers = await upload.layers(tellLayer);
    const mounts = (await parts.mounts?.(base.mounts)) ?? [];
    if (fresh.size === 0) return { version: 1, layers, results, mounts, trees: [] };
    const encoded = encodeKeyTrees(fresh);
    secrets?.check(encoded, 'what the keys of the cache are made of');
    const trees = await writeBytes(await pack(encoded), keyTreesType);
    const named = results.map((result) =>
      (result.trees as string | undefined) === 'fresh' ? { ...result, trees: trees.digest } : result,
    );
    return { version: 1, layers, results: named, mounts, trees: [trees] };
  }

  async function write(): Promise<void> {
    let base = await first;
    const added = await own(base.config);
    if (added.results.length === 0 && added.mounts.length === 0) return;
    const { maxAge = defaultAge, maxSize = defaultSize, ociMediaTypes = true } = target;
    const isSentAnew = hasSent && remote.has !== undefined;
    const form = { imageManifest: target.imageManifest ?? ociMediaTypes, ociMediaTypes };
    for (let tries = 0; tries < mostTries; tries++) {
      // What was sent although the base names it was gone from there.
      const isNew = isSentAnew || !isCovered(base.config, added, parts.now());
      if (!target.reset && base.digest && !isNew) return;
      const merged = mergeCaches(base.config, added, { now: parts.now(), maxAge, maxSize });
      const config = await writeBytes(encodeCacheConfig(merged), cacheConfigType);
      const manifest = encodeCacheManifest(config, blobsOfCache(merged), form);
      if (await remote.commit(manifest, base.digest, signal)) return;
      base = await readBase();
    }
    throw new SlipwayError('ERR_EXPORT', 'other builds write to it all the time', {
      hint: 'give each of them a name of its own, and several --cache-from',
    });
  }

  async function stopUploads(): Promise<void> {
    stop.abort(new Error('the cache is not exported'));
    await upload.settled();
  }

  return {
    async finish() {
      const name = `exporting cache to ${remote.name}`;
      parts.onEvent({ type: 'started', vertex: { id, name }, time: parts.now() });
      try {
        await write();
        parts.onEvent({ type: 'done', id, time: parts.now() });
      } catch (error) {
        parts.signal.throwIfAborted();
        // Nobody comes back for what is still on its way. Otherwise the build may, or it cancels.
        if (target.ignoreError) await stopUploads();
        await quietly(remote.discard?.());
        const failure = exportFailure(error, remote.name);
        const { message, hint } = failure;
        parts.onEvent({
          type: 'done',
          id,
          ...(target.ignoreError ? {} : { error: message }),
          time: parts.now(),
        });
        if (!target.ignoreError) throw failure;
        parts.onEvent({ type: 'warning', message, hint, time: parts.now() });
      }
    },
    async cancel() {
      await stopUploads();
      await quietly(remote.discard?.());
    },
  };
}

/** What stands under the name then is of no use to anybody who reads a cache there. */
const replaceable = new Set([
  'ERR_BAD_IMAGE',
  'ERR_DIGEST_MISMATCH',
  'ERR_BLOB_NOT_FOUND',
  'ERR_UNSUPPORTED',
]);

async function quietly(work: Promise<unknown> | undefined): Promise<void> {
  await work?.catch(() => undefined);
}

function exportFailure(error: unknown, name: string): SlipwayError {
  const { message, hint } = error as SlipwayError;
  return new SlipwayError('ERR_EXPORT', `the cache can't be exported to ${name}: ${message}`, {
    hint: hint ?? 'ignore-error=true makes this a warning',
    cause: error,
  });
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
