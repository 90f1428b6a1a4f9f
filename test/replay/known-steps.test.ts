import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRecord } from '../../src/build-record.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { createKnownSteps } from '../../src/replay/known-steps.ts';

const test = suite('known-steps');

const [a, b, c, content] = ['a', 'b', 'c', 'content'].map((text) => digestOf(text)) as [
  ReturnType<typeof digestOf>,
  ReturnType<typeof digestOf>,
  ReturnType<typeof digestOf>,
  ReturnType<typeof digestOf>,
];

const step = (more: Partial<BuildRecord['steps'][number]>): BuildRecord['steps'][number] => ({
  ...{ type: 'exec', text: 'RUN make', label: '[build 2/3]', stage: 'build', lines: [2, 2] },
  ...{ inputs: [0], outcome: 'ran', keys: [] },
  ...more,
});

const record = (steps: BuildRecord['steps']): BuildRecord => ({ steps }) as unknown as BuildRecord;

test('what a step came to is known by each of its keys, and the later keys by the first', () => {
  const known = createKnownSteps();
  known.addRecord(record([step({ keys: [a, b], content, layer: { diffID: a, size: 7 }, seconds: 3 })]));
  assert.equal(known.outcome(b), { content, size: 7 });
  assert.equal(known.later(a), [b]);
  assert.equal(known.later(b), []);
  assert.is(known.seconds({ keys: [c, b], name: '' }), 3);
});

test('a time is that of the same words in the same stage where no key is known, wherever it stands', () => {
  const known = createKnownSteps();
  known.addRecord(record([step({ keys: [a], content, seconds: 3 })]));
  assert.is(known.seconds({ keys: [b], stage: 'build', name: '[build 5/9] RUN make' }), 3);
  assert.is(known.seconds({ keys: [b], stage: 'other', name: 'RUN make' }), undefined);
});

test('a key that failed and never went well is known to fail', () => {
  const known = createKnownSteps();
  known.addRecord(
    record([step({ keys: [a], outcome: 'failed', seconds: 9 }), step({ keys: [b], outcome: 'failed' })]),
  );
  known.addRecord(record([step({ keys: [b], content })]));
  assert.ok(known.failed(a));
  assert.not.ok(known.failed(b));
  assert.is(known.seconds({ keys: [a], name: '' }), undefined);
});

test.run();
