// One build as keys alone: planned and solved like all others, with steps that run nothing and a cache in memory.
import { setMaxListeners } from 'node:events';
import type { BuildRecord } from '../../build-record.ts';
import type { BuildRequest } from '../../build-request.ts';
import type { EngineOptions } from '../../engine.ts';
import type { Vertex } from '../../graph/vertex.ts';
import type { Result } from '../../ops/result.ts';
import type { KnownSteps } from '../../replay/known-steps.ts';
import { createSlots } from '../../solver/slots.ts';
import { createSolver } from '../../solver/solve.ts';
import { createBuildHistory, recordRequest } from '../build-history.ts';
import { checkRequest, now, planRequest } from '../one-request.ts';
import { openRequestSources } from '../request-sources.ts';
import { opOf } from '../solve-platform.ts';
import { openState } from '../state.ts';
import type { ForetoldCache } from './foretold-cache.ts';
import { foretoldOp } from './foretold-op.ts';

export interface Foretelling {
  cache: ForetoldCache;
  known: KnownSteps;
  signal: AbortSignal;
}

/**
 * The record of a build that was foretold; of one that is known to fail, too.
 * @throws as a build does before its first step
 */
export async function foretellBuild(
  engine: EngineOptions,
  asked: BuildRequest,
  { cache, known, signal }: Foretelling,
): Promise<BuildRecord> {
  const request: BuildRequest = { ...asked, outputs: [{ type: 'cacheonly' }] };
  delete request.cacheFrom;
  delete request.cacheTo;
  const history = createBuildHistory();
  const onEvent = (): void => {};
  const started = now();
  setMaxListeners(0, signal);
  checkRequest(request);
  await using state = openState(engine);
  await using from = openRequestSources(request, { engine, state, onEvent });
  const { sources, images } = from;
  const parts = { engine, state, request, images, sources, call: { signal, onEvent } };
  const planned = await planRequest(parts, onEvent);
  const solver = createSolver<Result>({
    op(vertex: Vertex) {
      const op = opOf(vertex, planned.environment);
      return ['exec', 'copy', 'mkdir'].includes(vertex.op.type) ? foretoldOp(op, known) : op;
    },
    cache,
    usable: async () => true,
    maxAge: () => request.cacheTTL,
    onStep: history.step,
    slots: createSlots(engine.parallelism),
    now,
    onEvent,
    eitherSignal: (one, other) => AbortSignal.any([one, other]),
  });
  let record: BuildRecord | undefined;
  const onRecord = (one: BuildRecord): void => {
    record = one;
  };
  try {
    await recordRequest(planned, { history, started, onRecord }, async () => {
      for (const { plan } of planned.planned)
        if (plan.target.vertex) await solver.solve(plan.target.vertex, signal);
    });
  } catch (error) {
    if (signal.aborted || !record) throw error;
  }
  await planned.definition.save();
  return withTimes(record!, known);
}

/** Nothing ran: how long it would have is known from earlier builds, or not at all. */
function withTimes(record: BuildRecord, known: KnownSteps): BuildRecord {
  const steps = record.steps.map((step) => {
    const { seconds: _own, ...rest } = step;
    if (step.keys.length === 0) return rest;
    const seconds = known.seconds({ ...rest, name: step.text });
    return seconds === undefined ? rest : { ...rest, seconds };
  });
  return { ...record, steps };
}
