import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bench, bench, gate, step } from './fake-ops.ts';

const test = suite('steps that may run before their keys are made');
const { signal } = new AbortController();
const solve = (one: Bench, ignoreCache = false) => one.solver.solve(step('a', [], ignoreCache), signal);

test('where no record can be for it, it runs first; then its keys are asked for, and it leaves its record', async () => {
  let asked: string[] = [];
  const one: Bench = bench({
    a: {
      unread: 'files',
      async wait() {
        asked = [...one.asked];
      },
    },
  });
  const result = await solve(one);
  assert.equal(asked, []);
  assert.equal(one.asked, ['a a()']);
  const [report] = one.reports;
  assert.is(report!.how, 'ran');
  assert.is(report!.keys.length, 1);
  const next = one.another();
  assert.is(await solve(next), result);
  assert.equal(next.runs, []);
});

test('where one can be, its keys come first, and a later step of the same kind with other files runs', async () => {
  let files = 'one';
  const behaviours = { a: { unread: 'files', keys: () => [files], content: () => files } };
  const one = bench(behaviours);
  await solve(one);
  files = 'two';
  const next = one.another();
  await solve(next);
  assert.equal(next.asked, ['a two']);
  assert.equal(next.runs, ['a']);
  files = 'one';
  const last = one.another();
  await solve(last);
  assert.equal(last.runs, []);
});

test('what began on files that are still being stored says that it has records, too', async () => {
  const atOnce = { store: async () => {} };
  const one = bench({ a: atOnce, b: { ...atOnce, unread: 'files' } });
  const graph = step('b', [step('a')]);
  await one.solver.solve(graph, signal);
  assert.equal(one.began['b'], ['live a']);
  const next = one.another();
  await next.solver.solve(graph, signal);
  assert.equal(next.runs, []);
});

test('without the cache it runs first, always', async () => {
  const one = bench({ a: { unread: 'files' } });
  await solve(one);
  const next = one.another();
  await solve(next, true);
  assert.equal(next.runs, ['a']);
});

test('two builds meet at the lock: one runs, the other takes its record', async () => {
  const started = gate();
  const go = gate();
  const wait = async (): Promise<void> => {
    started.open();
    await go.opened;
  };
  const one = bench({ a: { unread: 'files', wait } });
  const other = one.another();
  const work = solve(one);
  await started.opened;
  const second = solve(other);
  go.open();
  assert.is(await work, await second);
  assert.equal([one.runs, other.runs], [['a'], []]);
});

test('what it made before is the same result: the earlier layer is taken', async () => {
  const one = bench({ a: { unread: 'files', content: 'same' } });
  const first = await solve(one);
  const { diffID } = one.solver.record(step('a'))!;
  const next = one.another();
  assert.is(await solve(next, true), first);
  assert.is(next.solver.record(step('a', [], true))!.diffID, diffID);
});

test.run();
