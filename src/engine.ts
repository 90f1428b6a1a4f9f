// Composition root: the only place that names concrete adapters.
import type { BuildRequest, BuildResult, Outline, TargetList } from './build-request.ts';
import type { OnEvent } from './solver/events.ts';

export interface EngineOptions {
  /** The state folder. */
  root: string;
  /** `auto` takes an OCI runtime where one works, else the built-in sandbox. */
  isolation: 'auto' | 'oci' | 'sandbox';
  /** `auto` takes overlay where it works, else copy. */
  snapshotter: 'auto' | 'overlay' | 'copy';
  /** Steps that may run at once. */
  parallelism: number;
  /** Process environment for registry credentials (DOCKER_CONFIG, HOME) and proxies. */
  env: Record<string, string | undefined>;
}

export interface CallOptions {
  signal: AbortSignal;
  onEvent: OnEvent;
}

export interface Engine {
  build(request: BuildRequest, options: CallOptions): Promise<BuildResult>;
  outline(request: BuildRequest, options: CallOptions): Promise<Outline>;
  targets(request: BuildRequest, options: CallOptions): Promise<TargetList>;
}

export function createEngine(options: EngineOptions): Engine {
  throw new Error(`not built yet: ${options.root}`);
}
