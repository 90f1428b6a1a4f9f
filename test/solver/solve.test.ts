import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';
import type { BuildEvent } from '../../src/solver/events.ts';
import { type Bench, bench, forever, gate, key, step } from './fake-ops.ts';

const test = suite('solve');
const { signal } = new AbortController();
const counts = ({ solver, runs }: Bench) => ({ ...solver.statistics, runs: runs.length });

/** Lets everything happen that waits for nothing. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.unreachable('it did not fail'),
    (error: unknown) => error,
  );
}

test('a step without a record runs once; the next build finds its record and runs nothing', async () => {
  const graph = step('c', [step('b', [step('a')])]);
  const first = bench();
  const result = await first.solver.solve(graph, signal);
  assert.equal(counts(first), { total: 3, cached: 0, ran: 3, runs: 3 });
  assert.equal(first.runs, ['a', 'b', 'c']);
  const second = first.another();
  assert.is(await second.solver.solve(graph, signal), result);
  assert.equal(counts(second), { total: 3, cached: 3, ran: 0, runs: 0 });
});

test('a changed step runs, and all that stand on it; what stands beside it is found', async () => {
  const first = bench();
  await first.solver.solve(step('end', [step('left', [step('a')]), step('right', [step('b')])]), signal);
  const second = first.another();
  await second.solver.solve(step('end', [step('left', [step('A')]), step('right', [step('b')])]), signal);
  assert.equal(second.runs, ['A', 'left', 'end']);
  assert.equal(counts(second), { total: 5, cached: 2, ran: 3, runs: 3 });
});

test('a chain of thousands of steps does not exhaust the stack', async () => {
  let end = step('0');
  for (let at = 1; at < 4000; at++) end = step(`${at}`, [end]);
  const one = bench();
  await one.solver.solve(end, signal);
  assert.is(one.runs.length, 4000);
});

test('equal vertices run once, however many stand on them', async () => {
  const one = bench();
  const shared = () => step('shared', [step('base')]);
  await one.solver.solve(step('end', [step('x', [shared()]), step('y', [shared()]), shared()]), signal);
  assert.equal([...one.runs].sort(), ['base', 'end', 'shared', 'x', 'y']);
  assert.equal(counts(one), { total: 5, cached: 0, ran: 5, runs: 5 });
});

test('a solver asked twice for a vertex answers from what it has', async () => {
  const one = bench();
  const graph = step('a');
  assert.is(await one.solver.solve(graph, signal), await one.solver.solve(graph, signal));
  assert.equal(one.runs, ['a']);
  assert.equal(one.loads, ['a']);
});

test('a later key is asked for only where those before it missed', async () => {
  const behaviours = { a: { keys: () => ['quick', 'slow'] } };
  const first = bench(behaviours);
  await first.solver.solve(step('a'), signal);
  assert.equal(first.asked, ['a quick', 'a slow']);
  const second = first.another();
  await second.solver.solve(step('a'), signal);
  assert.equal(second.asked, ['a quick']);
  assert.equal(counts(second), { total: 1, cached: 1, ran: 0, runs: 0 });
});

test('where only the second key has a record, it is a hit, and the first one finds it from then on', async () => {
  const first = bench({ a: { keys: () => ['old', 'content'] } });
  await first.solver.solve(step('a'), signal);
  const second = bench({ a: { keys: () => ['new', 'content'] } }, { cache: first.cache });
  await second.solver.solve(step('a'), signal);
  assert.equal(counts(second), { total: 1, cached: 1, ran: 0, runs: 0 });
  const third = second.another();
  await third.solver.solve(step('a'), signal);
  assert.equal(third.asked, ['a new']);
  assert.equal(first.cache.records.get(key('new').digest)?.tree, { text: 'new' });
});

test('a source without keys leaves no record, and counts as no step', async () => {
  const one = bench({ src: { source: true } });
  const source = step('src');
  await one.solver.solve(step('a', [source]), signal);
  assert.equal(counts(one), { total: 1, cached: 0, ran: 1, runs: 1 });
  assert.is(one.solver.record(source), undefined);
  assert.equal(one.loads, ['src', 'a']);
});

test('a step that made the same again is the same: the earlier layer is taken, and what follows is found', async () => {
  const first = bench({ make: { content: 'same' } });
  await first.solver.solve(step('after', [step('make')]), signal);
  const old = first.solver.record(step('make'))!;
  const second = bench({ changed: { content: 'same' } }, { cache: first.cache });
  const changed = step('changed');
  await second.solver.solve(step('after', [changed]), signal);
  assert.equal(second.runs, ['changed']);
  assert.equal(counts(second), { total: 2, cached: 1, ran: 1, runs: 1 });
  const { diffID, created, size } = second.solver.record(changed)!;
  assert.equal({ diffID, created, size }, { diffID: old.diffID, created: old.created, size: old.size });
});

test('the same content on another root is another result', async () => {
  const first = bench({ make: { content: 'same' } });
  await first.solver.solve(step('make', [step('a')]), signal);
  const second = first.another();
  await second.solver.solve(step('make', [step('b')]), signal);
  assert.equal(second.runs, ['b', 'make']);
  const at = (one: Bench, base: string) => one.solver.record(step('make', [step(base)]))!.diffID;
  assert.is.not(at(first, 'a'), at(second, 'b'));
});

test('without the cache steps run again and replace their records; the next build finds the new ones', async () => {
  let content = 'one';
  const behaviours = { a: { content: () => content } };
  const first = bench(behaviours);
  await first.solver.solve(step('a'), signal);
  content = 'two';
  const fresh = first.another();
  const anew = step('a', [], true);
  await fresh.solver.solve(anew, signal);
  assert.equal(counts(fresh), { total: 1, cached: 0, ran: 1, runs: 1 });
  const third = first.another();
  await third.solver.solve(step('a'), signal);
  assert.equal(third.runs, []);
  assert.is(third.solver.record(step('a'))!.diffID, fresh.solver.record(anew)!.diffID);
  assert.is.not(third.solver.record(step('a'))!.diffID, first.solver.record(step('a'))!.diffID);
});

test('without the cache a step that makes the same again keeps its layer, so that images stay equal', async () => {
  const first = bench();
  await first.solver.solve(step('a'), signal);
  const fresh = first.another();
  await fresh.solver.solve(step('a', [], true), signal);
  assert.equal(fresh.runs, ['a']);
  assert.is(fresh.solver.record(step('a', [], true))!.diffID, first.solver.record(step('a'))!.diffID);
});

test('a record whose layer is gone is a miss: the step runs, and its record is replaced', async () => {
  const first = bench();
  await first.solver.solve(step('a'), signal);
  const lost = first.solver.record(step('a'))!.diffID;
  first.gone.add(lost);
  const second = first.another();
  await second.solver.solve(step('a'), signal);
  assert.equal(counts(second), { total: 1, cached: 0, ran: 1, runs: 1 });
  const made = second.solver.record(step('a'))!.diffID;
  assert.is.not(made, lost);
  const third = first.another();
  await third.solver.solve(step('a'), signal);
  assert.equal(third.runs, []);
  assert.is(third.solver.record(step('a'))!.diffID, made);
});

test('two builds on one cache meet at the lock: one runs, the other takes its record', async () => {
  const started = gate();
  const go = gate();
  const wait = async (): Promise<void> => {
    started.open();
    await go.opened;
  };
  const first = bench({ a: { wait } });
  const second = first.another();
  const work = first.solver.solve(step('a'), signal);
  await started.opened;
  const other = second.solver.solve(step('a'), signal);
  go.open();
  assert.is(await work, await other);
  assert.equal([first.runs, second.runs], [['a'], []]);
  assert.equal(counts(second), { total: 1, cached: 1, ran: 0, runs: 0 });
});

test('two builds without cache both run', async () => {
  const first = bench();
  const second = first.another();
  const graph = step('a', [], true);
  await Promise.all([first.solver.solve(graph, signal), second.solver.solve(graph, signal)]);
  assert.equal([first.runs, second.runs], [['a'], ['a']]);
});

test('a failure stops the steps that run, skips those that wait, and is what is reported', async () => {
  const ready = gate();
  const boom = new SlipwayError('ERR_RUN_FAILED', 'boom');
  const one = bench({
    bad: {
      wait: async () => {
        await ready.opened;
        throw boom;
      },
    },
    long: { wait: forever(ready.open) },
  });
  const graph = step('end', [step('long'), step('after bad', [step('bad')])]);
  assert.is(await failure(one.solver.solve(graph, signal)), boom);
  assert.equal([...one.runs].sort(), ['bad', 'long']);
  const done = (name: string) =>
    one.events.find((event) => event.type === 'done' && event.id === step(name).id) as Extract<
      BuildEvent,
      { type: 'done' }
    >;
  assert.is(done('bad').error, 'boom');
  assert.is(done('bad').canceled, undefined);
  assert.is(done('long').canceled, true);
  assert.is(done('long').error, undefined);
  assert.equal(one.events.filter((event) => event.type === 'started').length, 2);
});

test('the error has the place of its step, unless it has one already', async () => {
  const one = bench({ bad: { wait: () => Promise.reject(new SlipwayError('ERR_COPY', 'no')) } });
  const error = (await failure(one.solver.solve(step('bad'), signal))) as SlipwayError;
  assert.equal(error.place, step('bad').place);
});

test('a failed build returns when the steps that it stopped have cleaned up', async () => {
  const ready = gate();
  const cleaning = gate();
  const cleaned = gate();
  let clean = false;
  const one = bench({
    bad: {
      wait: async () => {
        await ready.opened;
        throw new Error('boom');
      },
    },
    slow: {
      async wait(stop) {
        try {
          await forever(ready.open)(stop);
        } finally {
          cleaning.open();
          await cleaned.opened;
          clean = true;
        }
      },
    },
  });
  const work = failure(one.solver.solve(step('end', [step('bad'), step('slow')]), signal));
  await cleaning.opened;
  cleaned.open();
  await work;
  assert.ok(clean);
});

test('a failed step leaves no record', async () => {
  const one = bench({ bad: { wait: () => Promise.reject(new Error('boom')) } });
  await failure(one.solver.solve(step('bad'), signal));
  assert.is(one.cache.records.size, 0);
  assert.equal(counts(one), { total: 0, cached: 0, ran: 0, runs: 1 });
});

test('a failure in one of several solves stops the others of the same build', async () => {
  const ready = gate();
  const boom = new Error('boom');
  const one = bench({
    bad: {
      wait: async () => {
        await ready.opened;
        throw boom;
      },
    },
    long: { wait: forever(ready.open) },
  });
  const caller = new AbortController();
  const [bad, long] = ['bad', 'long'].map((name) => failure(one.solver.solve(step(name), caller.signal)));
  const outcome = await Promise.race([long, turns(50)]);
  caller.abort(new Error('nobody stopped it'));
  assert.is(await bad, boom);
  assert.instance(outcome, Error, 'the other solve ran on');
});

test("an abort by the caller stops all, and its reason is what is thrown: no step's fault", async () => {
  const ready = gate();
  const caller = new AbortController();
  const one = bench({ long: { wait: forever(ready.open) } });
  const work = failure(one.solver.solve(step('end', [step('long')]), caller.signal));
  await ready.opened;
  const reason = new Error('interrupted');
  caller.abort(reason);
  assert.is(await work, reason);
  const done = one.events.filter((event) => event.type === 'done');
  assert.equal(done.length, 1);
  assert.is(done[0]!.canceled, true);
});

test('with an aborted signal nothing starts', async () => {
  const one = bench();
  const reason = new Error('before');
  assert.is(await failure(one.solver.solve(step('a'), AbortSignal.abort(reason))), reason);
  assert.equal(one.events, []);
  assert.equal(one.runs, []);
});

test('no more steps run at once than there are slots, and all run', async () => {
  const wait = () => new Promise<void>((resolve) => setImmediate(resolve));
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const parallel of [1, 2, 6]) {
    const one = bench(Object.fromEntries(names.map((name) => [name, { wait }])), { parallel });
    await one.solver.solve(
      step(
        'end',
        names.map((name) => step(name)),
      ),
      signal,
    );
    assert.is(one.most, parallel);
    assert.is(one.runs.length, 7);
  }
});

test('a hit takes no slot', async () => {
  const first = bench();
  await first.solver.solve(step('hit'), signal);
  const ready = gate();
  const go = gate();
  const wait = async (): Promise<void> => {
    ready.open();
    await go.opened;
  };
  const second = bench({ long: { wait } }, { cache: first.cache, parallel: 1 });
  const long = second.solver.solve(step('long'), signal);
  await ready.opened;
  await second.solver.solve(step('hit'), signal);
  go.open();
  await long;
  assert.equal(second.runs, ['long']);
});

test('events of a step: started, cached where it is, done; a step starts when its inputs are done', async () => {
  const types = (one: Bench) =>
    one.events.map((event) => `${event.type} ${event.type === 'started' ? event.vertex.name : ''}`.trim());
  const graph = step('b', [step('a')]);
  const first = bench();
  await first.solver.solve(graph, signal);
  assert.equal(types(first), ['started a', 'done', 'started b', 'done']);
  const second = first.another();
  await second.solver.solve(graph, signal);
  assert.equal(types(second), ['started a', 'cached', 'done', 'started b', 'cached', 'done']);
  const times = second.events.map(({ time }) => time);
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  );
});

test('a record says what was done, when, for how long, and what went into its key', async () => {
  const one = bench({ a: { keys: () => ['quick', 'slow'] } });
  await one.solver.solve(step('a'), signal);
  const quick = one.cache.records.get(key('quick').digest)!;
  const slow = one.cache.records.get(key('slow').digest)!;
  assert.equal([quick.tree, slow.tree], [{ text: 'quick' }, { text: 'slow' }]);
  assert.equal({ ...quick, tree: {} }, { ...slow, tree: {} });
  assert.is(slow.description, 'a');
  assert.match(slow.created, /^1970-01-01T00:00:00\.\d{3}Z$/);
  assert.ok(slow.seconds > 0);
});

test.run();
