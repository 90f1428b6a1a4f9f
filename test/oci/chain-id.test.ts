import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chainID, chainIDs } from '../../src/oci/chain-id.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';

const test = suite('chain-id');
const diffID = (text: string): DiffID => digestOf(text) as string as DiffID;

test('the chainID of one layer is its diffID, of none there is none', () => {
  assert.is(chainID([]), undefined);
  assert.equal(chainIDs([]), []);
  assert.is(chainID([diffID('a')]), diffID('a'));
});

test('each further layer hashes the chain below, a blank and its diffID, as in the specification', () => {
  const [a, b, c] = [diffID('A'), diffID('B'), diffID('C')];
  const ab = digestOf(`${a} ${b}`);
  const abc = digestOf(`${ab} ${c}`);
  assert.equal(chainIDs([a, b, c]), [a, ab, abc]);
  assert.is(chainID([a, b, c]), abc);
});

test('a known stack has its known chainID', () => {
  const layers = [
    'sha256:0000000000000000000000000000000000000000000000000000000000000001',
    'sha256:0000000000000000000000000000000000000000000000000000000000000002',
  ] as string[] as DiffID[];
  assert.is(chainID(layers), 'sha256:e0213565073dd272477933ef550455db21856966e444074f1492aef0939305ac');
});

test('order and repetition count', () => {
  const [a, b] = [diffID('a'), diffID('b')];
  assert.is.not(chainID([a, b]), chainID([b, a]));
  assert.is.not(chainID([a, a]), chainID([a]));
});

test.run();
