// Reads a trace as its viewers do, and checks what they rely on.
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';

export interface TraceEvent {
  ph: string;
  name: string;
  cat: string;
  ts: number;
  dur: number;
  pid: number;
  tid: number;
  args: Record<string, string | number | boolean>;
}

const phases = new Set(['X', 'M', 'C', 's', 'f']);

/** The events of a trace file. @throws where it is none, or spans of one lane overlap without lying inside each other */
export function readTrace(file: string): TraceEvent[] {
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: TraceEvent[] };
  for (const event of traceEvents) {
    const what = JSON.stringify(event);
    assert.ok(phases.has(event.ph), what);
    assert.type(event.name, 'string', what);
    for (const key of ['ts', 'pid', 'tid'] as const)
      assert.ok(Number.isInteger(event[key]), `${key} of ${what}`);
    if (event.ph === 'X') assert.ok(event.dur >= 0 && Number.isInteger(event.dur) && event.cat !== '', what);
  }
  checkNesting(spansOf(traceEvents));
  checkNames(traceEvents);
  return traceEvents;
}

export const spansOf = (events: readonly TraceEvent[]): TraceEvent[] => events.filter(({ ph }) => ph === 'X');

/** Spans of one lane lie inside each other, or one after the other. */
export function checkNesting(spans: readonly Pick<TraceEvent, 'tid' | 'ts' | 'dur' | 'name'>[]): void {
  for (const tid of new Set(spans.map((one) => one.tid))) {
    const own = spans.filter((one) => one.tid === tid).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
    const open: (typeof own)[number][] = [];
    for (const one of own) {
      while (open.length > 0 && open.at(-1)!.ts + open.at(-1)!.dur <= one.ts) open.pop();
      const around = open.at(-1);
      assert.ok(
        around === undefined || one.ts + one.dur <= around.ts + around.dur,
        `${one.name} at ${one.ts} outlives ${around?.name} on lane ${tid}`,
      );
      open.push(one);
    }
  }
}

/** Every lane with spans has a name. */
function checkNames(events: readonly TraceEvent[]): void {
  const named = new Set(events.filter(({ name }) => name === 'thread_name').map(({ tid }) => tid));
  for (const { tid, name } of spansOf(events)) assert.ok(named.has(tid), `the lane of ${name} has no name`);
  assert.is(events.filter(({ name }) => name === 'process_name').length, 1);
}
