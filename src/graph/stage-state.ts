// What a stage has come to at one of its lines: files (a vertex), variables, image config and history.
import type { Place } from '../errors.ts';
import type { ContainerConfig, HistoryEntry, ImageConfig } from '../oci/config.ts';
import type { Platform } from '../oci/platform.ts';
import { defaultPath, Env } from './env.ts';
import type { Vertex } from './vertex.ts';

/** A history entry to be: when it was made is known when its vertex is solved. */
export interface HistoryDraft {
  entry: HistoryEntry;
  /** The vertex whose layer it is; undefined where it made none. */
  vertex: Vertex | undefined;
}

export interface StageState {
  /** undefined: an empty root. */
  vertex: Vertex | undefined;
  /** ENV and ARG, as RUN sees them. */
  env: Env;
  config: ContainerConfig;
  author: string | undefined;
  /** The base image's own config, whose layers and history come first. */
  base: ImageConfig | undefined;
  /** What this build adds, lowest first. */
  history: HistoryDraft[];
  platform: Platform;
  /** ARGs declared in this stage, in order: they stand in the history of RUN. */
  declared: { name: string; value: string | undefined }[];
  /** CMD was set in this stage: ENTRYPOINT does not clear it. */
  cmdSet: boolean;
}

/** Windows has a Path of its own, whatever the case of its name. */
const needsPath = ({ os }: Platform): boolean => os !== 'windows';

export function emptyState(platform: Platform): StageState {
  const hasPath = needsPath(platform);
  return {
    vertex: undefined,
    env: new Env(hasPath ? [['PATH', defaultPath]] : []),
    config: { ...(hasPath ? { Env: [`PATH=${defaultPath}`] } : {}), WorkingDir: '/' },
    author: undefined,
    base: undefined,
    history: [],
    platform,
    declared: [],
    cmdSet: false,
  };
}

export function imageState(vertex: Vertex, base: ImageConfig, platform: Platform): StageState {
  const config = structuredClone(base.config ?? {});
  // As BuildKit: an image without a PATH gets the usual one.
  if (needsPath(platform) && Env.parse(config.Env ?? []).get('PATH') === undefined)
    config.Env = [...(config.Env ?? []), `PATH=${defaultPath}`];
  return {
    ...emptyState(platform),
    vertex,
    env: Env.parse(config.Env ?? []),
    config,
    author: base.author,
    base,
  };
}

/** Where a stage built on another begins. */
export function childState(parent: StageState): StageState {
  return {
    ...parent,
    env: parent.env.clone(),
    config: structuredClone(parent.config),
    history: [...parent.history],
    declared: [...parent.declared],
    cmdSet: false,
  };
}

/** Where a stage built on another build's result begins: as on an image, whose ARGs are gone. */
export function builtState(built: StageState): StageState {
  const config = structuredClone(built.config);
  return {
    ...emptyState(built.platform),
    vertex: built.vertex,
    env: Env.parse(config.Env ?? []),
    config,
    author: built.author,
    base: built.base,
    history: [...built.history],
  };
}

const comment = 'buildkit.dockerfile.v0';

/** Adds an instruction to the history; with a vertex it made a layer. */
export function commit(state: StageState, createdBy: string, vertex?: Vertex): void {
  state.history.push({
    entry: { created_by: createdBy, comment, ...(vertex ? {} : { empty_layer: true }) },
    vertex,
  });
}

/** What instruction handlers share besides the state. */
export interface InstructionContext {
  place: Place;
  /** Resolves variables and quotes with the variables of before the instruction. */
  expand(text: string): string;
  expandWords(text: string): string[];
}
