// `slipway lock`: asks what the references of a build stand for, runs nothing, and writes the lock file.
import type { BuildRequest } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { withPlace } from '../errors.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { LockChange } from '../lock/lock-changes.ts';
import { checkRequest, planRequest } from './one-request.ts';
import { openRequestSources } from './request-sources.ts';
import { openState } from './state.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Vertices that bring files in, each once. */
function sourcesOf(targets: readonly (Vertex | undefined)[]): Vertex[] {
  const seen = new Map<string, Vertex>();
  const queue = [...targets];
  for (let vertex = queue.pop(); queue.length > 0 || vertex; vertex = queue.pop()) {
    if (!vertex || seen.has(vertex.id)) continue;
    seen.set(vertex.id, vertex);
    queue.push(...vertex.inputs);
  }
  return [...seen.values()].filter(({ op }) => ['image', 'context', 'http', 'git'].includes(op.type));
}

/** What changed in the file. @throws what a build throws before its first step */
export async function lockSources(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<LockChange[]> {
  checkRequest(request);
  const secrets = { requests: [request], login: engine.registry?.login };
  return withoutSecrets(secrets, call, (masked) => lockAll(engine, request, masked));
}

async function lockAll(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<LockChange[]> {
  const { signal, onEvent } = call;
  await using state = openState(engine);
  const pull = request.lock?.mode === 'update' || request.pull;
  await using from = openRequestSources(request, { engine, state, pull, onEvent });
  const { lock, sources, images } = from;
  const { planned, environment } = await planRequest(
    { engine, state, request, images, sources, call },
    onEvent,
  );
  const found = sourcesOf(planned.map(({ plan }) => plan.target.vertex));
  const settled = await Promise.allSettled(
    found.map(async ({ op, place }) => {
      try {
        if (op.type === 'image') await environment.image(op, signal);
        else if (op.type === 'http') await environment.http(op, signal);
        else if (op.type === 'git') await environment.git(op, signal);
        else if (op.type === 'context') await environment.context(op, signal);
      } catch (error) {
        throw withPlace(error, place);
      }
    }),
  );
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return lock.save();
}
