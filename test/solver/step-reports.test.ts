// What is told of each step when it has ended: how it went, its keys, how long it ran.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepReport } from '../../src/solver/solve.ts';
import { bench, key, step } from './fake-ops.ts';

const test = suite('solver/step-reports');
const { signal } = new AbortController();

const told = (reports: readonly StepReport[]) =>
  reports.map(({ vertex, how, keys }) => [vertex.name, how, ...keys.map(({ digest }) => digest)]);

test('a step that ran, one that hit, and one without keys', async () => {
  const behaviours = { base: { source: true }, b: { keys: () => ['quick', 'slow'] } };
  const graph = () => step('b', [step('a', [step('base')])]);
  const first = bench(behaviours);
  await first.solver.solve(graph(), signal);
  assert.equal(
    told(first.reports).map(([name, how]) => `${name} ${how}`),
    ['base loaded', 'a ran', 'b ran'],
  );
  assert.equal(told(first.reports)[2]!.slice(2), [key('quick').digest, key('slow').digest]);
  assert.ok(first.reports.slice(1).every(({ seconds }) => seconds !== undefined));
  const second = first.another();
  await second.solver.solve(graph(), signal);
  assert.equal(
    told(second.reports).map(([name, how]) => `${name} ${how}`),
    ['base loaded', 'a cached', 'b cached'],
  );
  assert.equal(told(second.reports)[2]!.slice(2), [key('quick').digest]);
  assert.ok(second.reports.every(({ record, how }) => (record === undefined) === (how === 'loaded')));
});

test('a step that failed has its keys, its time and a code, and what stands on it is told of by nobody', async () => {
  const fail = async () => {
    throw Object.assign(new Error('no'), { code: 'ERR_RUN_FAILED' });
  };
  const one = bench({ a: { keys: () => ['only'], wait: fail } });
  await one.solver.solve(step('b', [step('a')]), signal).catch(() => {});
  assert.equal(told(one.reports), [['a', 'failed', key('only').digest]]);
  const [{ error, seconds, record }] = one.reports as [StepReport];
  assert.is(error, 'ERR_RUN_FAILED');
  assert.ok(seconds !== undefined && record === undefined);
});

test('what a step read is told where it ran, and is in no record', async () => {
  const stored = async (): Promise<void> => {};
  const behaviours = { a: { read: 12 }, live: { read: 5, store: stored }, same: { read: 7, content: 'a' } };
  const graph = () => step('c', [step('live', [step('a')]), step('same')]);
  const first = bench(behaviours);
  await first.solver.solve(graph(), signal);
  const read = (reports: readonly StepReport[]) =>
    Object.fromEntries(reports.map(({ vertex, read }) => [vertex.name, read]));
  assert.equal(read(first.reports), { a: 12, live: 5, same: 7, c: undefined });
  assert.ok(first.cache.records.size > 0);
  for (const record of first.cache.records.values()) assert.not('read' in record);
  for (const { record } of first.reports) assert.not('read' in record!);
  const second = first.another();
  await second.solver.solve(graph(), signal);
  assert.equal(Object.values(read(second.reports)), Array(4).fill(undefined));
});

test.run();
