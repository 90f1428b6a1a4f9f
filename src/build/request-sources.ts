// Where what a request reads comes from: images, repositories, addresses and folders, as its lock file has them.

import type { BuildRequest } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { now } from './one-request.ts';
import { createImageResolver, type ImageResolver } from './resolve-image.ts';
import { openSourceLock, type SourceLock } from './source-lock.ts';
import { createSources, type Sources } from './sources.ts';
import type { State } from './state.ts';

export interface RequestSources extends AsyncDisposable {
  lock: SourceLock;
  sources: Sources;
  images: ImageResolver;
}

/** @param parts.pull asks registries anew; as the request says, where it is left out */
export function openRequestSources(
  request: BuildRequest,
  parts: { engine: EngineOptions; state: State; pull?: boolean; onEvent: CallOptions['onEvent'] },
): RequestSources {
  const { engine, state, pull = request.pull, onEvent } = parts;
  const { offline, cwd } = request;
  const lock = openSourceLock(request);
  const own = createSources(state, engine, request);
  return {
    lock,
    sources: lock.sources(own),
    images: lock.images(createImageResolver(state, { pull, offline, cwd, onEvent, now })),
    [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
  };
}
