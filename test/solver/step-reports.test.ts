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

test.run();
