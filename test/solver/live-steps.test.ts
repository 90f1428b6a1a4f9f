import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { type Bench, bench, forever, gate, key, step } from './fake-ops.ts';

const test = suite('steps on what is still being stored');
const { signal } = new AbortController();
const atOnce = { store: async () => {} };

/** Lets everything happen that waits for nothing. */
async function turns(count = 50): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.unreachable('it did not fail'),
    (error: unknown) => error,
  );

const names = (one: Bench): string[] =>
  one.events.flatMap((event) => (event.type === 'started' ? [event.vertex.name] : []));

test('a step that no record can be for begins on what the step before it has just written', async () => {
  const go = gate();
  const one = bench({ a: { store: () => go.opened }, b: atOnce });
  const work = one.solver.solve(step('b', [step('a')]), signal);
  await turns();
  assert.equal(one.runs, ['a', 'b']);
  assert.equal(one.began['b'], ['live a']);
  assert.is(one.cache.records.size, 0);
  go.open();
  const result = await work;
  assert.equal(one.settled['b'], [result.slice(0, result.lastIndexOf('/'))]);
  assert.equal(one.disposed, ['a', 'b']);
});

test('it makes the records and the result that it makes after waiting', async () => {
  const graph = step('d', [step('c', [step('b', [step('a')]), step('x')])]);
  const eager = bench({ a: atOnce, b: atOnce, c: atOnce, d: atOnce });
  const patient = bench();
  assert.is(await eager.solver.solve(graph, signal), await patient.solver.solve(graph, signal));
  assert.equal(eager.began['d'], ['live c']);
  assert.equal([...eager.cache.records.keys()].sort(), [...patient.cache.records.keys()].sort());
  const again = eager.another();
  await again.solver.solve(graph, signal);
  assert.equal(again.runs, []);
});

test('where a record may be for it a step waits, and hits where the step before made what it made before', async () => {
  const behaviours = { old: { ...atOnce, content: 'same' }, new: { ...atOnce, content: 'same' }, b: atOnce };
  const first = bench(behaviours);
  await first.solver.solve(step('b', [step('old')]), signal);
  const second = first.another();
  await second.solver.solve(step('b', [step('new')]), signal);
  assert.equal(second.runs, ['new']);
});

test('a step whose keys do not tell without the first input waits', async () => {
  const go = gate();
  const one = bench({ a: { store: () => go.opened } });
  const work = one.solver.solve(step('b', [step('a')]), signal);
  await turns();
  assert.equal(one.runs, ['a']);
  go.open();
  await work;
  assert.equal(one.runs, ['a', 'b']);
});

test('without the cache no step waits', async () => {
  const behaviours = { a: atOnce, b: atOnce };
  await bench(behaviours).solver.solve(step('b', [step('a')]), signal);
  const first = bench(behaviours);
  await first.solver.solve(step('b', [step('a')]), signal);
  const fresh = first.another();
  await fresh.solver.solve(step('b', [step('a', [], true)], true), signal);
  assert.equal(fresh.began['b'], ['live a']);
});

test('what a step needs besides its root is waited for, and has to have an identity', async () => {
  const go = gate();
  const side = gate();
  const stored = { store: () => go.opened };
  const one = bench({ a: stored, b: atOnce, c: atOnce, side: { wait: () => side.opened } });
  const works = [
    one.solver.solve(step('b', [step('a'), step('side')]), signal),
    one.solver.solve(step('c', [undefined, step('a')]), signal),
  ];
  await turns();
  assert.equal([...one.runs].sort(), ['a', 'side']);
  side.open();
  await turns();
  assert.equal([...one.runs].sort(), ['a', 'b', 'side']);
  assert.is(one.began['b']?.[0], 'live a');
  go.open();
  await Promise.all(works);
  assert.not.ok(one.began['c']?.some((input) => input.startsWith('live')));
});

test('several steps begin on one, and one slot is enough for all', async () => {
  const go = gate();
  const follower = { store: () => go.opened };
  const one = bench({ a: follower, x: follower, y: follower, z: follower }, { parallel: 1 });
  const end = step('end', [
    step('x', [step('a')]),
    step('y', [step('a')]),
    step('z', [step('x', [step('a')])]),
  ]);
  const work = one.solver.solve(end, signal);
  await turns();
  assert.equal([...one.runs].sort(), ['a', 'x', 'y', 'z']);
  assert.equal(one.began['z'], ['live x']);
  assert.is(one.most, 1);
  go.open();
  await work;
});

test('a failure to store a step stops what runs on it, and is what is reported', async () => {
  const ready = gate();
  const full = new Error('the disk is full');
  const one = bench({
    a: {
      async store() {
        await ready.opened;
        throw full;
      },
    },
    b: { ...atOnce, wait: forever(ready.open) },
  });
  assert.is(await failure(one.solver.solve(step('c', [step('b', [step('a')])]), signal)), full);
  assert.equal(one.runs, ['a', 'b']);
  assert.is(one.cache.records.size, 0);
  assert.equal(one.disposed, ['a']);
  assert.equal(names(one), ['a', 'b', 'storing what a made']);
  const done = one.events.flatMap((event) => (event.type === 'done' ? [event] : []));
  assert.equal(
    done.map(({ error, canceled }) => error ?? canceled ?? 'done').sort(),
    ['done', 'the disk is full', true].sort(),
  );
});

test('a step that fails leaves the record of the one that it ran on, which is stored to its end', async () => {
  const go = gate();
  const boom = new Error('boom');
  const wait = (): Promise<void> => {
    setImmediate(go.open);
    return Promise.reject(boom);
  };
  const behaviours = { a: { store: () => go.opened }, b: { ...atOnce, wait } };
  const one = bench(behaviours);
  const graph = step('b', [step('a')]);
  assert.is(await failure(one.solver.solve(graph, signal)), boom);
  assert.equal(one.stored, ['a']);
  const again = one.another();
  assert.is(await failure(again.solver.solve(graph, signal)), boom);
  assert.equal(again.runs, ['b']);
});

test('an abort by the caller stops storing, too', async () => {
  const caller = new AbortController();
  const ready = gate();
  const one = bench({ a: { store: forever(ready.open) }, b: { ...atOnce, wait: forever() } });
  const work = failure(one.solver.solve(step('b', [step('a')]), caller.signal));
  await ready.opened;
  const reason = new Error('interrupted');
  caller.abort(reason);
  assert.is(await work, reason);
  assert.equal(one.stored, []);
  assert.is(one.cache.records.size, 0);
});

test('a second build waits for what the first one has begun, and runs nothing of it', async () => {
  const ready = gate();
  const go = gate();
  const late = gate();
  const first = bench({
    a: { store: () => go.opened },
    b: {
      ...atOnce,
      wait() {
        ready.open();
        return late.opened;
      },
    },
  });
  const graph = step('b', [step('a')]);
  const works = [first.solver.solve(graph, signal)];
  await ready.opened;
  const second = first.another();
  works.push(second.solver.solve(graph, signal));
  await turns();
  go.open();
  await turns();
  assert.equal(names(second), ['a', 'b'], 'the first step is found, the second is waited for');
  late.open();
  const [one, two] = await Promise.all(works);
  assert.is(one, two);
  assert.equal([first.runs, second.runs], [['a', 'b'], []]);
});

test('a step that was announced by another build is waited for, though no record is there yet', async () => {
  const first = bench({ a: atOnce, b: atOnce });
  await first.cache.expect([key('', 'b()').partial!]);
  await first.solver.solve(step('b', [step('a')]), signal);
  assert.not.equal(first.began['b'], ['live a']);
});

test('what another build recorded meanwhile does not become the root of what ran on these files', async () => {
  const go = gate();
  const one = bench({ a: { store: () => go.opened }, b: atOnce });
  const a = step('a');
  const work = one.solver.solve(step('b', [a]), signal);
  await turns();
  const other = bench({ a: { content: 'other' } });
  await other.solver.solve(a, signal);
  const { digest } = key('a()');
  one.cache.records.set(digest, other.cache.records.get(digest)!);
  go.open();
  await work;
  assert.is(one.solver.record(a)?.content, digestOf('a'));
  const again = one.another();
  await again.solver.solve(step('b', [a]), signal);
  assert.equal(again.runs, ['b'], 'on the recorded one it has not run yet');
});

test('a step that made what was made before keeps that layer, and what ran on it is recorded on that', async () => {
  const behaviours = {
    old: { ...atOnce, content: 'same' },
    new: { ...atOnce, content: 'same' },
    b: atOnce,
  };
  const first = bench(behaviours);
  await first.solver.solve(step('old'), signal);
  const second = first.another();
  const graph = step('b', [step('new')]);
  await second.solver.solve(graph, signal);
  assert.equal(second.began['b'], ['live new']);
  assert.is(second.solver.record(step('new'))!.diffID, first.solver.record(step('old'))!.diffID);
  const third = first.another();
  await third.solver.solve(step('b', [step('old')]), signal);
  assert.equal(third.runs, []);
});

test.run();
