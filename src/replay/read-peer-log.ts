// What the logs of other builders say of their steps: which came from the cache, which ran and for how long.
import type { LoggedStep } from './replay-build.ts';

/** Steps that do work on files; others come and go with the builder's version. */
const working = /^(?:RUN|COPY|ADD|WORKDIR)\b/i;

/** `STEP 3/7: RUN make`, with `[1/2] ` before it where there are stages, then `--> Using cache …` or `--> …`. */
export function readBuildahLog(log: string): LoggedStep[] {
  const steps: LoggedStep[] = [];
  let current: LoggedStep | undefined;
  for (const line of log.split('\n')) {
    const [, stage, text] = /^(?:\[(\d+)\/\d+\] )?STEP \d+\/\d+: (.*)$/.exec(line) ?? [];
    if (text !== undefined) {
      current = working.test(text)
        ? { name: text, ...(stage === undefined ? {} : { stage }), outcome: 'failed' }
        : undefined;
      if (current) steps.push(current);
    } else if (current && /^(?:\[\d+\/\d+\] )?--> Using cache /.test(line)) current.outcome = 'hit';
    else if (current && /^(?:\[\d+\/\d+\] )?(?:--> [0-9a-f]|COMMIT)/.test(line)) {
      if (current.outcome === 'failed') current.outcome = 'ran';
    }
  }
  return steps;
}

/** BuildKit's plain progress: `#7 [build 2/4] RUN make`, then `#7 CACHED`, `#7 DONE 0.3s` or `#7 ERROR: …`. */
export function readBuildKitLog(log: string): LoggedStep[] {
  const steps = new Map<string, LoggedStep>();
  for (const line of log.split('\n')) {
    const [, id, rest] = /^(#\d+) (.*)$/.exec(line) ?? [];
    if (id === undefined || rest === undefined) continue;
    const named = /^\[(?:(\S+) )?\s*\d+\/\d+\] (.*)$/.exec(rest);
    if (named) {
      const [, stage, text = ''] = named;
      if (working.test(text) && !steps.has(id))
        steps.set(id, { name: rest, ...(stage === undefined ? {} : { stage }), outcome: 'failed' });
      continue;
    }
    const step = steps.get(id);
    if (!step) continue;
    const [, seconds] = /^DONE (\d+(?:\.\d+)?)s$/.exec(rest) ?? [];
    if (rest === 'CACHED') step.outcome = 'hit';
    else if (seconds !== undefined && step.outcome !== 'hit') {
      step.outcome = 'ran';
      step.seconds = Number(seconds);
    }
  }
  return [...steps.values()];
}
