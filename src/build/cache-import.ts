// --cache-from: what shared caches know, read once when the first step looks for its result, in front of nothing but the network.

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { CacheAnswer } from '../build-record.ts';
import type { CacheSource } from '../build-request.ts';
import type { CachedMount, CachedResult } from '../cache-format/cache-config.ts';
import { decodeKeyTrees, keyTreesLimit } from '../cache-format/key-trees.ts';
import { mountName } from '../cache-format/merge-caches.ts';
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import type { CacheIndex, CacheRecord, CacheRemote, KeyTree } from '../seams.ts';
import type { OnEvent } from '../solver/events.ts';
import { readBlob, readCache } from './cache-document.ts';
import { withPullProgress } from './pull-progress.ts';
import type { SharedLayers } from './shared-layers.ts';

export interface CacheImportParts {
  layers: SharedLayers;
  platforms: readonly Platform[];
  open(source: CacheSource): Promise<CacheRemote>;
  onAnswer?(answer: CacheAnswer): void;
  onEvent: OnEvent;
  now(): number;
  signal: AbortSignal;
}

export interface CacheImports {
  /** The same index, with what the caches know behind what it has itself. `usable` says whether a record's layer can be had. */
  index(local: CacheIndex, usable: (record: CacheRecord) => Promise<boolean>): CacheIndex;
  mount(mount: Pick<CachedMount, 'id' | 'mode' | 'uid' | 'gid'>): Promise<ImportedMount | undefined>;
  /** Every record of the caches with what went into its keys: fetches more than a build ever needs. */
  records(signal: AbortSignal): AsyncIterable<{ key: Digest; record: CacheRecord }>;
}

export interface ImportedMount {
  mount: CachedMount;
  from: Pick<CacheRemote, 'name' | 'open'>;
}

interface Imported {
  remote: Pick<CacheRemote, 'name' | 'open'>;
  results: Map<Digest, CachedResult>;
  trees: Descriptor[];
  mounts: Map<string, CachedMount>;
}

/** Begins to read. What is missing, broken or out of reach is a warning: the build does without it. */
export function importCaches(sources: readonly CacheSource[], parts: CacheImportParts): CacheImports {
  const { layers } = parts;
  const loaded = Promise.all(sources.map((source) => importOne(source, parts))).then((all) => all.flat());
  loaded.catch(() => {});

  /** The first cache that has the layer, too, else the first that knows the result. */
  async function find(key: Digest): Promise<CacheRecord | undefined> {
    let known: CacheRecord | undefined;
    for (const { remote, results } of await loaded) {
      const result = results.get(key);
      if (!result) continue;
      const record = toRecord(result, remote.name, {});
      if (layers.has(record.diffID)) return record;
      known ??= record;
    }
    return known;
  }

  return {
    index: (local, usable) => ({
      async lookup(key) {
        const own = await local.lookup(key);
        if (own && (await usable(own))) return own;
        return (await find(key)) ?? own;
      },
      async record(key, record, options = {}) {
        const { source: _, ...own } = record;
        const shared = options.replace || record.source !== undefined ? undefined : await find(key);
        // What another machine made is the same result: its layer is taken, as if it had been made here before.
        if (!shared || !layers.has(shared.diffID)) {
          const kept = await local.record(key, own, options);
          return kept === own ? record : kept;
        }
        const { source: __, ...found } = shared;
        return local.record(key, { ...found, tree: record.tree });
      },
      exclusive: local.exclusive,
      tryExclusive: local.tryExclusive,
      expect: local.expect,
      async mayHave(partial) {
        if (await local.mayHave(partial)) return true;
        // What lies elsewhere is known by whole keys alone.
        return (await loaded).some(({ results }) => results.size > 0);
      },
    }),
    async mount(wanted) {
      const name = mountName(wanted);
      for (const { remote, mounts } of await loaded) {
        const mount = mounts.get(name);
        if (mount) return { mount, from: remote };
      }
      return undefined;
    },
    async *records(signal) {
      for (const { remote, results, trees } of await loaded) {
        const known = new Map<Digest, KeyTree>();
        for (const blob of trees)
          for (const [key, tree] of await readTrees(remote, blob, signal)) known.set(key, tree);
        for (const [key, result] of results)
          yield { key, record: toRecord(result, remote.name, known.get(key) ?? {}) };
      }
    },
  };
}

function toRecord(result: CachedResult, source: string, tree: KeyTree): CacheRecord {
  const { keys, content, diffID, size, created, ran, seconds, description } = result;
  const again = ran === undefined ? {} : { ran };
  return { content, diffID, size, created, ...again, seconds, description, tree, also: keys, source };
}

async function importOne(source: CacheSource, parts: CacheImportParts): Promise<Imported[]> {
  const { layers, onEvent, now, signal } = parts;
  const remote = await parts.open(source);
  const id = `import ${remote.name}`;
  onEvent({
    type: 'started',
    vertex: { id, name: `importing cache manifest from ${remote.name}` },
    time: now(),
  });
  try {
    const found = await remote.read(signal);
    const read = found && (await readCache(remote, found, parts));
    if (!read || read.configs.length === 0) {
      const what = read ? 'is an image without a cache' : 'there is no such cache';
      const hint = read
        ? 'build it with --cache-to type=inline'
        : 'it is made by a build with --cache-to; before the first one this is as it should be';
      warn(parts, new SlipwayError('ERR_IMAGE_NOT_FOUND', what, { hint }), remote.name);
      parts.onAnswer?.({ name: remote.name, answer: 'missing' });
    } else {
      const results = read.configs.reduce((sum, config) => sum + config.results.length, 0);
      parts.onAnswer?.({ name: remote.name, answer: 'read', results });
    }
    const from = { name: remote.name, repository: remote.repository, ...progressing(remote, parts) };
    return (read?.configs ?? []).map((config) => {
      for (const { diffID, forms } of config.layers) for (const form of forms) layers.add(diffID, form, from);
      const results = config.results.flatMap((result) => result.keys.map((key) => [key, result] as const));
      const mounts = source.mounts === false ? [] : config.mounts;
      return {
        remote: from,
        results: new Map(results),
        trees: config.trees,
        mounts: new Map(mounts.map((mount) => [mountName(mount), mount])),
      };
    });
  } catch (error) {
    signal.throwIfAborted();
    warn(parts, error, remote.name);
    parts.onAnswer?.({ name: remote.name, answer: 'failed', error: (error as Error).message });
    return [];
  } finally {
    onEvent({ type: 'done', id, time: now() });
  }
}

function progressing(remote: CacheRemote, parts: CacheImportParts): Pick<CacheRemote, 'open'> {
  const { blob } = withPullProgress(
    { name: remote.name, blob: (one, signal) => remote.open(one, signal) },
    parts,
  );
  return { open: blob };
}

function warn({ onEvent, now }: CacheImportParts, error: unknown, name: string): void {
  const { message, hint } = error as SlipwayError;
  onEvent({
    type: 'warning',
    message: `the cache ${name} is not used: ${message}`,
    ...(hint === undefined ? {} : { hint }),
    time: now(),
  });
}

/** @throws ERR_BAD_IMAGE, ERR_DIGEST_MISMATCH and what the remote throws */
async function readTrees(
  remote: Pick<CacheRemote, 'name' | 'open'>,
  blob: Descriptor,
  signal: AbortSignal,
): Promise<Map<Digest, KeyTree>> {
  const packed = await readBlob(remote, blob, { limit: keyTreesLimit, signal });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of Readable.from([packed]).pipe(createGunzip()) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > keyTreesLimit) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new SlipwayError('ERR_BAD_IMAGE', `the key trees of ${remote.name} are no gzip`, { cause });
  }
  if (length > keyTreesLimit)
    throw new SlipwayError('ERR_BAD_IMAGE', `the key trees of ${remote.name} are too large to be read`);
  return decodeKeyTrees(Buffer.concat(chunks));
}
