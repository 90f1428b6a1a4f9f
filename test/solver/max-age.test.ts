// Records that are too old: their steps run anew, and what they make again is found by the next build.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bench, key, step } from './fake-ops.ts';

const test = suite('solver/max-age');
const { signal } = new AbortController();
const hour = 3_600_000;

test('a step that ran longer ago than allowed runs anew, a younger one is found', async () => {
  const clock = { time: 0 };
  const graph = step('b', [step('a')]);
  const first = bench({}, { clock });
  await first.solver.solve(step('a'), signal);
  clock.time = hour;
  await first.another().solver.solve(graph, signal);
  clock.time = 1.5 * hour;
  const third = first.another({ maxAge: hour });
  await third.solver.solve(graph, signal);
  assert.equal(third.runs, ['a']);
  const fourth = first.another({ maxAge: hour });
  await fourth.solver.solve(graph, signal);
  assert.equal(fourth.runs, []);
});

test('a step that made the same again keeps its layer and the time of that, and is young from then on', async () => {
  const clock = { time: 0 };
  const first = bench({ a: { content: 'same' } }, { clock });
  await first.solver.solve(step('a'), signal);
  const { diffID, created } = first.solver.record(step('a'))!;
  clock.time = 2 * hour;
  const second = first.another({ maxAge: hour });
  await second.solver.solve(step('a'), signal);
  const again = second.solver.record(step('a'))!;
  assert.equal(second.runs, ['a']);
  assert.equal({ diffID: again.diffID, created: again.created }, { diffID, created });
  assert.ok(Date.parse(again.ran!) > 2 * hour);
  clock.time = 2.5 * hour;
  const third = first.another({ maxAge: hour });
  await third.solver.solve(step('a'), signal);
  assert.equal(third.runs, []);
});

test('what stands on a step that made the same again is judged by its own age', async () => {
  const clock = { time: 0 };
  const first = bench({ a: { content: 'same' } }, { clock });
  await first.solver.solve(step('a'), signal);
  clock.time = 2 * hour;
  await first.another().solver.solve(step('b', [step('a')]), signal);
  const third = first.another({ maxAge: hour });
  await third.solver.solve(step('b', [step('a')]), signal);
  assert.equal(third.runs, ['a']);
  assert.equal(third.solver.statistics, { total: 2, cached: 1, ran: 1 });
});

test('an old record under an early key gives way to a young one found under a later key', async () => {
  const clock = { time: 0 };
  const first = bench({ a: { keys: () => ['quick', 'slow'] } }, { clock });
  await first.solver.solve(step('a'), signal);
  const old = first.cache.records.get(key('slow').digest)!;
  clock.time = 2 * hour;
  first.cache.records.set(key('slow').digest, { ...old, ran: new Date(clock.time).toISOString() });
  const second = first.another({ maxAge: hour });
  await second.solver.solve(step('a'), signal);
  assert.equal(second.runs, []);
  assert.equal(second.asked, ['a quick', 'a slow']);
  const third = first.another({ maxAge: hour });
  await third.solver.solve(step('a'), signal);
  assert.equal(third.asked, ['a quick']);
});

test('without an age every record is good', async () => {
  const clock = { time: 0 };
  const first = bench({}, { clock });
  await first.solver.solve(step('a'), signal);
  clock.time = 1e6 * hour;
  const second = first.another();
  await second.solver.solve(step('a'), signal);
  assert.equal(second.runs, []);
});

test.run();
