// What pulls and pushes come to, by image, by blob, and by the step whose layer it was.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTransfers, tellSteps } from '../../src/build/transfers.ts';
import type { StepRecord } from '../../src/build-record.ts';
import { type DiffID, type Digest, digestOf } from '../../src/oci/digest.ts';

const test = suite('build/transfers');

const progress = (id: string, item: string, current: number) =>
  ({ type: 'progress', id, item, current, done: true, time: 0 }) as const;

const step = (layer?: string): StepRecord => ({
  ...{ type: 'exec', text: 'RUN x', label: '', lines: [1, 1], inputs: [], keys: [], outcome: 'hit' },
  ...(layer === undefined ? {} : { layer: { diffID: digestOf(layer), size: 9 } }),
});

test('sums up by name: a pull that began anew counts, what was told before the end does not', () => {
  const transfers = createTransfers();
  transfers.note(progress('pull app 1', digestOf('a'), 3));
  transfers.note(progress('pull app 1', digestOf('a'), 10));
  transfers.note(progress('pull app 2', digestOf('b'), 5));
  transfers.note(progress('push app:1', `pushing ${digestOf('a')}`, 7));
  transfers.note(progress('push app:1', 'pushing manifest for app:1', 0));
  transfers.note(progress('exporting', digestOf('a'), 1000));
  transfers.sent('cache', { digest: digestOf('a'), size: 2 });
  assert.equal(transfers.all(), [
    { name: 'pull app', kind: 'pulled', bytes: 15 },
    { name: 'push app:1', kind: 'pushed', bytes: 7 },
    { name: 'push cache', kind: 'pushed', bytes: 2 },
  ]);
  assert.equal([...transfers.blobs('pushed')], [[digestOf('a'), 9]]);
});

test('a step is told of its layer in every form, and the first of those that share one', async () => {
  const transfers = createTransfers();
  transfers.note(progress('pull cache 1', digestOf('gzip of a'), 10));
  transfers.sent('cache', { digest: digestOf('zstd of a'), size: 4 });
  transfers.sent('cache', { digest: digestOf('b'), size: 100 });
  const steps = [step(), step('a'), step('a'), step('b'), step('c')];
  const forms: Record<string, Digest[]> = {
    [digestOf('a')]: [digestOf('gzip of a'), digestOf('zstd of a')],
  };
  await tellSteps(steps, transfers, async (diffID: DiffID) => forms[diffID] ?? []);
  assert.equal(
    steps.map(({ pulled, pushed }) => [pulled, pushed]),
    [
      [undefined, undefined],
      [10, 4],
      [undefined, undefined],
      [undefined, 100],
      [undefined, undefined],
    ],
  );
});

test('where nothing passed the network, nobody looks for forms of layers', async () => {
  let asked = 0;
  await tellSteps([step('a')], createTransfers(), async () => {
    asked++;
    return [];
  });
  assert.is(asked, 0);
});

test.run();
