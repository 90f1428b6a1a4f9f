// From a solved stage to an image: config, history and layers in order.
import type { StageState } from '../graph/stage-state.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { HistoryEntry, ImageConfig } from '../oci/config.ts';
import type { CacheRecord, Layer } from '../seams.ts';

export interface AssembleInput {
  state: StageState;
  layers: readonly Layer[];
  record(vertex: Vertex): CacheRecord | undefined;
  /** Seconds since 1970: SOURCE_DATE_EPOCH. */
  epoch: number | undefined;
}

const isoSeconds = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** History entries take the time at which their layer was made, also where that came from the cache; others that of the one before. */
function history(input: AssembleInput): HistoryEntry[] {
  const { state, epoch } = input;
  const base = state.base?.history ?? [];
  let created = base.at(-1)?.created ?? state.base?.created;
  const own = state.history.map(({ entry, vertex }) => {
    const record = vertex && input.record(vertex);
    created = epoch === undefined ? (record?.created ?? created) : isoSeconds(epoch);
    return { ...(created === undefined ? {} : { created }), ...entry };
  });
  return [...base, ...own];
}

/** Drops what is empty, as the spec has no use for it. */
function tidy<T extends object>(config: T): T {
  const kept = Object.entries(config).filter(([, value]) => {
    if (value === undefined || value === null || value === '' || value === false) return false;
    return typeof value !== 'object' || Object.keys(value).length > 0;
  });
  return Object.fromEntries(kept) as T;
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The config with another epoch's times: of the image, and of the history that this build added to the base's. */
export function withEpoch(
  config: ImageConfig,
  base: ImageConfig | undefined,
  epoch: number | undefined,
): ImageConfig {
  if (epoch === undefined) return config;
  const created = isoSeconds(epoch);
  const kept = base?.history?.length ?? 0;
  const history = (config.history ?? []).map((entry, index) =>
    index < kept ? entry : { ...entry, created },
  );
  return { ...config, created, history };
}

export function assembleConfig(input: AssembleInput): ImageConfig {
  const { state, layers, epoch } = input;
  const entries = history(input);
  const created = epoch === undefined ? (entries.at(-1)?.created ?? state.base?.created) : isoSeconds(epoch);
  const { config, platform } = state;
  return {
    ...(created === undefined ? {} : { created }),
    ...(state.author ? { author: state.author } : {}),
    architecture: platform.architecture,
    ...(platform.variant ? { variant: platform.variant } : {}),
    os: platform.os,
    ...(platform['os.version'] ? { 'os.version': platform['os.version'] } : {}),
    config: tidy({
      ...config,
      ...(config.Labels ? { Labels: sorted(config.Labels) } : {}),
      ...(config.ExposedPorts ? { ExposedPorts: sorted(config.ExposedPorts) } : {}),
    }),
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffID }) => diffID) },
    history: entries,
  };
}
