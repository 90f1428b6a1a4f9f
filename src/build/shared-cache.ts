// Shared caches of one build or bake: what is looked for in them, and what its targets put into them.
import type { BuildRequest, CachePlace } from '../build-request.ts';
import type { CachedMount, CachedResult } from '../cache-format/cache-config.ts';
import { encodeInlineCache, inlineCacheKey } from '../cache-format/inline-cache.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { Platform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
import type { CacheIndex, CacheRecord, CacheRemote } from '../seams.ts';
import type { CacheKey } from '../solver/solve.ts';
import type { BuildHistory } from './build-history.ts';
import { type CacheExport, startCacheExport } from './cache-export.ts';
import { type CacheImports, importCaches } from './cache-import.ts';
import { type CachePlaceParts, openCachePlace, placesOf } from './cache-place.ts';
import { cacheVertices } from './cache-vertices.ts';
import { now } from './one-request.ts';
import { type PlannedBuild, thisPlatform } from './plan-build.ts';
import { isUsable, type SolvedImage } from './solve-platform.ts';
import type { State } from './state.ts';
import { createStepRecords } from './step-records.ts';
import { layerParts } from './store-image.ts';

export interface SharedCacheParts {
  engine: EngineOptions;
  state: State;
  call: CallOptions;
  /** Is told what each cache said, and what was sent there. */
  history: Pick<BuildHistory, 'cache' | 'sent'>;
}

export interface SharedCache {
  imports: CacheImports;
  /** What the solver looks into. */
  index: CacheIndex;
  note(vertex: Vertex, keys: readonly CacheKey[], record: CacheRecord): void;
  /** Before the steps of a request are solved: from now on their layers are exported. */
  begin(request: BuildRequest, planned: readonly PlannedBuild[]): Promise<RequestCaching>;
}

export interface RequestCaching {
  /** The images with their caches in them, where that is asked for. */
  withInline(images: readonly SolvedImage[]): Promise<SolvedImage[]>;
  finish(): Promise<void>;
  cancel(): Promise<void>;
}

/** Begins to read what there is to import; several targets' caches serve all of them. */
export function openSharedCache(requests: readonly BuildRequest[], parts: SharedCacheParts): SharedCache {
  const { engine, state, call, history } = parts;
  const { onEvent, signal } = call;
  const remotes = new Map<string, Promise<CacheRemote>>();

  function open(place: CachePlace, cwd: string): Promise<CacheRemote> {
    const key = JSON.stringify([place, cwd]);
    const known = remotes.get(key);
    if (known) return known;
    const placeParts: CachePlaceParts = { cwd, env: engine.env, registries: state.registries };
    const opened = openCachePlace(place, placeParts).then(readingOnce);
    remotes.set(key, opened);
    return opened;
  }

  for (const request of requests) {
    checkReferences(request);
    checkOffline(request, call);
  }
  const sources = requests.flatMap(({ cacheFrom = [], cwd, offline }) =>
    cacheFrom
      .filter(({ place }) => !offline || place.type === 'local')
      .map((source) => ({ ...source, place: placesOf(source.place)[0]!, cwd })),
  );
  const distinct = [...new Map(sources.map((source) => [JSON.stringify(source), source])).values()];
  const imports = importCaches(distinct, {
    layers: state.shared,
    platforms: distinctPlatforms(requests),
    open: (source) => open(source.place, (source as (typeof distinct)[number]).cwd),
    onAnswer: history.cache,
    onEvent,
    now,
    signal,
  });
  const records = createStepRecords(state.cache);
  state.mounts.importFrom({ mount: imports.mount, onEvent, now });

  function exportMounts(remote: CacheRemote, known: readonly CachedMount[]): Promise<CachedMount[]> {
    return state.mounts.exportTo(remote, known, {
      store: state.store,
      exclusive: state.cache.exclusive,
      used: new Date(now()).toISOString(),
      warn: (message) => onEvent({ type: 'warning', message, time: now() }),
      signal,
    });
  }

  return {
    imports,
    index: imports.index(state.cache, (record) => isUsable(state, record)),
    note: (vertex, keys, record) => records.note(vertex, keys, record),
    async begin(request, planned) {
      const { cacheTo = [], cwd } = request;
      const vertices = cacheVertices(planned.map(({ plan }) => plan.target.vertex));
      const exports: CacheExport[] = [];
      for (const target of cacheTo) {
        if (target.type === 'inline') continue;
        for (const place of placesOf(target.place)) {
          const remote = telling(await open(place, cwd), history.sent);
          exports.push(
            startCacheExport({
              mounts: target.mounts ? (known) => exportMounts(remote, known) : undefined,
              state,
              secrets: state.secrets?.of(request),
              target,
              remote,
              records,
              vertices,
              layerParts: layerParts(state),
              ...{ onEvent, now, signal },
            }),
          );
        }
      }
      return {
        async withInline(images) {
          if (!cacheTo.some(({ type }) => type === 'inline')) return [...images];
          return Promise.all(
            images.map(async (image, index) => {
              const { plan, epoch } = planned[index]!;
              const { all } = cacheVertices([plan.target.vertex]);
              const found = await records.results(all, '');
              const results = found.map(({ result }) => inEpoch(result, epoch));
              const diffIDs = image.layers.map(({ diffID }) => diffID);
              const cache = { [inlineCacheKey]: encodeInlineCache(results, diffIDs) };
              return { ...image, config: { ...image.config, ...cache } };
            }),
          );
        },
        async finish() {
          await eachOf(exports, (one) => one.finish());
        },
        async cancel() {
          await eachOf(exports, (one) => one.cancel());
        },
      };
    },
  };
}

/** @throws ERR_BAD_REFERENCE; ERR_USAGE for what can't be written to */
function checkReferences({ cacheFrom = [], cacheTo = [] }: BuildRequest): void {
  for (const { place } of cacheFrom) if (place.type === 'registry') parseReference(place.ref);
  for (const target of cacheTo) {
    if (target.type === 'inline' || target.place.type !== 'registry') continue;
    const { ref } = target.place;
    if (parseReference(ref).digest === undefined) continue;
    throw new SlipwayError('ERR_USAGE', `--cache-to: a digest can't be exported to: ${ref}`, {
      hint: 'give a tag: a digest names what is there already',
    });
  }
}

/** Offline, folders serve. @throws ERR_USAGE */
function checkOffline(
  { offline, cacheFrom = [], cacheTo = [] }: BuildRequest,
  { onEvent }: CallOptions,
): void {
  if (!offline) return;
  for (const target of cacheTo) {
    if (target.type === 'inline' || target.place.type === 'local') continue;
    throw new SlipwayError(
      'ERR_USAGE',
      `--cache-to type=${target.place.type} needs a network, and --offline forbids it`,
      {
        hint: 'leave out one of them, or export to a folder: --cache-to type=local,dest=FOLDER',
      },
    );
  }
  for (const { place } of cacheFrom) {
    if (place.type === 'local') continue;
    const message = `--cache-from type=${place.type} is not asked: --offline forbids it`;
    onEvent({ type: 'warning', message, time: now() });
  }
}

/** Until something is written, what was read holds: who imports and exports asks once. */
function readingOnce(remote: CacheRemote): CacheRemote {
  let found: ReturnType<CacheRemote['read']> | undefined;
  return {
    ...remote,
    read(signal) {
      found ??= remote.read(signal);
      return found;
    },
    commit(document, base, signal) {
      found = undefined;
      return remote.commit(document, base, signal);
    },
  };
}

function distinctPlatforms(requests: readonly BuildRequest[]): Platform[] {
  return requests.flatMap(({ platforms }) => (platforms.length > 0 ? platforms : [thisPlatform()]));
}

/** An image that is to be the same on every machine does not say when and how long its steps ran. */
function inEpoch(result: CachedResult, epoch: number | undefined): CachedResult {
  if (epoch === undefined) return result;
  const { ran: _, ...rest } = result;
  return { ...rest, created: new Date(epoch * 1000).toISOString(), seconds: 0 };
}

/** All of them, then the first failure. */
async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const settled = await Promise.allSettled(all.map(work));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

/** The same, and tells of the bytes that were sent. */
function telling(remote: CacheRemote, sent: BuildHistory['sent']): CacheRemote {
  return {
    ...remote,
    async write(blob, signal) {
      const how = await remote.write(blob, signal);
      if (how === 'uploaded') sent(remote.name, blob.descriptor);
      return how;
    },
  };
}
