import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseIsolation } from '../../src/cli/commands/isolation.ts';

const test = suite('isolation');

test('the flag comes before the environment, and auto is for none', () => {
  const env = { SLIPWAY_ISOLATION: 'sandbox' };
  assert.is(chooseIsolation('oci', { env }), 'oci');
  assert.is(chooseIsolation(undefined, { env }), 'sandbox');
  assert.is(chooseIsolation(undefined, { env: { SLIPWAY_ISOLATION: '' } }), 'auto');
  assert.is(chooseIsolation(undefined, { env: {} }), 'auto');
});

test.run();
