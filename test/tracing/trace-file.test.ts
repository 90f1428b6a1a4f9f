// Spans become a file that viewers open, whenever it is read.
import { AsyncResource } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';
import {
  finishTracing,
  isTracing,
  type Span,
  setTracer,
  span,
  traced,
  tracedStream,
} from '../../src/trace.ts';
import { createRecorder } from '../../src/tracing/recorder.ts';
import { createTraceFile } from '../../src/tracing/trace-file.ts';
import { tempDir } from '../support/temp-dir.ts';
import { readTrace, spansOf, type TraceEvent } from '../support/trace-events.ts';

interface Setting {
  path: string;
  /** Moves the clock on by milliseconds. */
  pass(milliseconds: number): void;
  events(): TraceEvent[];
  span(name: string): TraceEvent;
}

/** Runs `work` with a trace that is written to a file, and a clock that moves when it is told to. */
async function withTrace(work: (setting: Setting) => Promise<void> | void): Promise<void> {
  await using dir = await tempDir();
  const path = dir.file('trace.json');
  let time = 10;
  const about = { slipway: '1.2.3' };
  const file = createTraceFile({ path, title: 'slipway test', about, pid: 7 });
  setTracer(createRecorder({ name: 'slipway test', outputs: [file], now: () => time }));
  try {
    const events = (): TraceEvent[] => readTrace(path);
    await work({
      path,
      pass(milliseconds) {
        time += milliseconds;
      },
      events,
      span(name) {
        const found = events().find((one) => one.ph === 'X' && one.name === name);
        assert.ok(found, `there is no span ${name}`);
        return found;
      },
    });
  } finally {
    await finishTracing();
  }
}

const test = suite('tracing/trace-file');

test('work within work lies in it, with its times in microseconds and what is said of it', () =>
  withTrace(async ({ pass, span: find }) => {
    await traced('a', 'outer', async (outer) => {
      pass(1);
      await traced('b', 'inner', async () => pass(2.5), { bytes: 3 });
      outer.set({ hit: true });
    });
    await finishTracing();
    const [outer, inner, all] = [find('outer'), find('inner'), find('slipway test')];
    assert.is(all.ts, 0);
    assert.equal([outer.ts, outer.dur, outer.cat, outer.args], [10_000, 3500, 'a', { hit: true }]);
    assert.equal([inner.ts, inner.dur, inner.cat, inner.args], [11_000, 2500, 'b', { bytes: 3 }]);
    assert.is(inner.tid, outer.tid);
  }));

test('what goes on side by side is on lanes of its own, with arrows to it', () =>
  withTrace(async ({ pass, span: find, events }) => {
    const ends: (() => void)[] = [];
    const begin = (name: string) =>
      traced('part', name, () => new Promise<void>((resolve) => ends.push(resolve)));
    const both = traced('all', 'both', () => Promise.all([begin('one'), begin('two')]));
    pass(1);
    for (const end of ends) end();
    await both;
    await finishTracing();
    assert.is.not(find('one').tid, find('two').tid);
    const arrows = events().filter(({ ph }) => ph === 's' || ph === 'f');
    assert.equal(arrows.map(({ ph }) => ph).sort(), ['f', 's']);
  }));

test('what fails says so, and what never ended is ended', () =>
  withTrace(async ({ span: find, pass }) => {
    await traced('a', 'failing', async () => {
      throw new SlipwayError('ERR_STORE', 'the disk is gone');
    }).catch(() => {});
    assert.throws(() =>
      traced('a', 'failing at once', () => {
        throw new Error('no');
      }),
    );
    span('a', 'endless');
    pass(5);
    await finishTracing(new Error('all of it'));
    assert.is(find('failing').args['error'], 'the disk is gone');
    assert.is(find('failing at once').args['error'], 'no');
    assert.equal(find('endless').args, { unfinished: true });
    assert.is(find('endless').dur, 5000);
    assert.is(find('slipway test').args['error'], 'all of it');
  }));

test('a stream is a span with its bytes, from its first chunk to its last', () =>
  withTrace(async ({ span: find, pass }) => {
    async function* source() {
      yield Buffer.alloc(3);
      await traced('b', 'in the source', async () => pass(1));
      yield Buffer.alloc(4);
    }
    for await (const chunk of tracedStream('a', 'stream', source())) pass(chunk.length);
    await finishTracing();
    assert.is(find('stream').dur, 8000);
    assert.is(find('stream').args['bytes'], 7);
    assert.is(find('in the source').tid, find('stream').tid);
  }));

test('the file can be read while it grows', () =>
  withTrace(async ({ events }) => {
    for (let i = 0; i < 3000; i++) span('a', `span ${i}`)[Symbol.dispose]();
    const before = spansOf(events()).length;
    assert.ok(before > 100, `${before} spans`);
    await finishTracing();
    assert.is(spansOf(events()).length, 3001);
  }));

test('whatever order spans begin and end in, those of one lane nest', async () => {
  const step = fc.record({ act: fc.nat(9), category: fc.constantFrom('a', 'b', 'step'), pass: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), (steps) =>
      withTrace(async ({ pass, events }) => {
        const open: { own: Span; within: (work: () => void) => void }[] = [];
        let count = 0;
        for (const { act, category, pass: time } of steps) {
          pass(time);
          const chosen = open[act % Math.max(1, open.length)];
          if (act < 4 && chosen) {
            open.splice(open.indexOf(chosen), 1);
            chosen.own[Symbol.dispose]();
            continue;
          }
          count++;
          const begin = (): void => {
            void traced(category, `span ${count}`, (own) => {
              let resolve!: () => void;
              const promise = new Promise<void>((end) => {
                resolve = end;
              });
              const inside = AsyncResource.bind((work: () => void) => work());
              open.push({ own: { ...own, [Symbol.dispose]: resolve }, within: inside });
              return promise;
            });
          };
          if (chosen && act < 8) chosen.within(begin);
          else begin();
          await Promise.resolve();
        }
        await finishTracing();
        assert.is(spansOf(events()).length, count + 1);
      }),
    ),
    { numRuns: 60, seed: 4 },
  );
});

test('off, spans are nothing, and streams are what they were', () => {
  assert.not(isTracing());
  const source = (async function* () {})();
  assert.is(tracedStream('a', 'b', source), source);
  assert.is(
    span('a', 'b'),
    traced('a', 'c', (own) => own),
  );
  assert.is(
    traced('a', 'b', () => 5),
    5,
  );
});

test('a file that can not be written is an error of the command line', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('file'), '');
  for (const path of [dir.file('none/trace.json'), dir.file('file/trace.json'), dir.path]) {
    try {
      createTraceFile({ path, title: 'x', about: {}, pid: 1 });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, SlipwayError);
      assert.is((error as SlipwayError).code, 'ERR_USAGE');
      assert.match((error as Error).message, path);
      assert.match((error as SlipwayError).hint!, '--trace');
    }
  }
});

test.run();
