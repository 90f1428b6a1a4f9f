// How misses spread from the steps that read what changes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SpreadStep, spreadMisses } from '../../src/explain/foretelling.ts';

const test = suite('foretelling');

const step = (type: string, inputs: (number | null)[], more: Partial<SpreadStep> = {}): SpreadStep => ({
  type,
  inputs,
  link: false,
  reads: false,
  ...more,
});
const told = (steps: SpreadStep[]): [number, string, number | null][] =>
  [...spreadMisses(steps)].map(([at, { certainty, because }]) => [at, certainty, because]);

test('what stands on a COPY that changes runs, and what is below it does not', () => {
  const steps = [
    step('image', []),
    step('context', []),
    step('exec', [0]),
    step('copy', [2, 1], { reads: true }),
    step('exec', [3]),
    step('mkdir', [4]),
  ];
  assert.equal(told(steps), [
    [3, 'runs', null],
    [4, 'runs', 3],
    [5, 'runs', 4],
  ]);
});

test('what a RUN with a bind mount makes may be what it was; so may what is copied from a stage', () => {
  const steps = [
    step('context', []),
    step('exec', [null, 0], { reads: true }),
    step('exec', [1]),
    step('copy', [null, 2]),
    step('exec', [3]),
  ];
  assert.equal(told(steps), [
    [1, 'runs', null],
    [2, 'may-run', 1],
    [3, 'may-run', 2],
    [4, 'may-run', 3],
  ]);
});

test('COPY --link stays on another root, and what stands on it still has another one', () => {
  const steps = [
    step('context', []),
    step('copy', [null, 0], { reads: true }),
    step('copy', [1, 0], { link: true }),
    step('exec', [2]),
  ];
  assert.equal(told(steps), [
    [1, 'runs', null],
    [3, 'runs', 1],
  ]);
});

test('nothing reads it: nothing runs', () => {
  assert.equal(told([step('context', []), step('copy', [null, 0]), step('exec', [1])]), []);
});

test.run();
