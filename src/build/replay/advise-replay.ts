// Advice after a replay: other orders of its Dockerfiles, each foretold over the same history in a folder of its own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EngineOptions } from '../../engine.ts';
import type { ReplayResult } from '../../replay/replay-result.ts';
import type { Advice } from '../../replay-report/advice/advice.ts';
import { adviseOn } from '../../replay-report/advice/advise.ts';
import type { AdviceCall, ReplayRequest } from './replay-request.ts';
import { runReplay } from './run-replay.ts';

/** One for each variant that something can be said of. @throws the signal's reason, and what a dry replay throws */
export async function adviseReplay(
  engine: EngineOptions,
  { request, result }: { request: ReplayRequest; result: ReplayResult },
  { signal, diff }: AdviceCall,
): Promise<Advice[]> {
  // Where nothing is ever found in a cache, no order is better than another.
  const { cache, runner } = request;
  if (cache.type === 'none' || (cache.type === 'local' && runner === 'cold')) return [];
  const work = join(request.work, 'advice');
  mkdirSync(work, { recursive: true });
  let count = 0;
  async function foretell(text: string, name: string): Promise<ReplayResult> {
    const dockerfile = join(work, `${count}-${basename(name)}`);
    writeFileSync(dockerfile, text);
    const dry: ReplayRequest = {
      ...request,
      build: { ...request.build, dockerfile },
      ...{ variants: [], dry: true, times: [...request.times, result], earlier: undefined },
      work: join(work, `${count++}`),
    };
    return runReplay(engine, dry, { signal, onBuild: () => {} });
  }
  const all: Advice[] = [];
  for (const variant of result.variants) {
    const advice = await adviseOn(variant, {
      foretell: (text) => foretell(text, variant.name),
      ...{ diff, signal },
    });
    if (advice.offers.length > 0 || advice.refusals.length > 0) all.push(advice);
  }
  return all;
}
