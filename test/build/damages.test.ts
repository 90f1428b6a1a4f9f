// Damage of the store: told once, in words that name the step, and tried again once for each blob.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDamages } from '../../src/build/damages.ts';
import { type DiffID, type Digest, digestOf } from '../../src/oci/digest.ts';
import type { LayerIndex } from '../../src/store/layer-index.ts';

const test = suite('createDamages');
const diffID = digestOf('layer') as string as DiffID;
const blob = { mediaType: 'any', digest: digestOf('blob'), size: 4 };
const known: LayerIndex = { forms: async () => ({ blobs: [blob] }), add: async () => {} };

function start() {
  const lost: DiffID[] = [];
  const told: string[] = [];
  const damages = createDamages((one) => lost.push(one));
  damages.listen((message) => told.push(message));
  return { damages, lost, told };
}

test('a layer is lost with its tar and with a compressed form, and its maker is named', async () => {
  const { damages, lost, told } = start();
  damages.name(diffID, '[2/3] RUN make');
  await damages.index(known).forms(diffID);
  damages.blob(diffID as string as Digest);
  damages.blob(blob.digest);
  assert.equal(lost, [diffID, diffID]);
  for (const line of told) assert.match(line, /a layer of \[2\/3\] RUN make was damaged in the store/);
  assert.is(told.length, 2);
});

test('what is damaged a second time is not tried again', () => {
  const { damages, lost, told } = start();
  for (let count = 0; count < 3; count++) damages.blob(blob.digest);
  for (let count = 0; count < 3; count++) damages.missing(diffID);
  assert.is(lost.length, 2);
  assert.is(told.length, 2);
});

test('layers are read only where something proved damaged, and each once', async () => {
  const { damages } = start();
  let count = 0;
  const store = {
    info: async (digest: Digest) => ({ digest, size: 1 }),
    async *open() {
      count++;
      yield Buffer.alloc(1);
    },
  };
  await damages.search(diffID, store);
  assert.is(count, 0);
  damages.blob(blob.digest);
  await damages.search(diffID, store);
  await damages.search(diffID, store);
  assert.is(count, 1);
});

test('of a damaged record it is told only where the step runs for it', () => {
  const { damages, told } = start();
  const keys = [{ digest: digestOf('key') }];
  damages.ran('[2/3] RUN make', keys);
  damages.record(digestOf('key'));
  damages.ran('[3/3] RUN test', [{ digest: digestOf('other') }]);
  assert.equal(told, []);
  damages.ran('[2/3] RUN make', keys);
  assert.match(told.join(), /^the record of \[2\/3\] RUN make was damaged/);
});

test.run();
