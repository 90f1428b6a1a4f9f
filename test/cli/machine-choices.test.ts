import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseIsolation, chooseSnapshotter } from '../../src/cli/commands/machine-choices.ts';

const test = suite('machine choices');

test('the flag comes before the environment, and auto is for none', () => {
  const env = { SLIPWAY_ISOLATION: 'sandbox' };
  assert.is(chooseIsolation('oci', { env }), 'oci');
  assert.is(chooseIsolation(undefined, { env }), 'sandbox');
  assert.is(chooseIsolation(undefined, { env: { SLIPWAY_ISOLATION: '' } }), 'auto');
  assert.is(chooseIsolation(undefined, { env: {} }), 'auto');
});

test('so it is with the snapshotter', () => {
  const env = { SLIPWAY_SNAPSHOTTER: 'erofs' };
  assert.is(chooseSnapshotter('copy', { env }), 'copy');
  assert.is(chooseSnapshotter(undefined, { env }), 'erofs');
  assert.is(chooseSnapshotter(undefined, { env: {} }), 'auto');
  assert.throws(
    () => chooseSnapshotter(undefined, { env: { SLIPWAY_SNAPSHOTTER: 'overley' } }),
    /SLIPWAY_SNAPSHOTTER/,
  );
});

test.run();
