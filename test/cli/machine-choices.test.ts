import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseIsolation, chooseLevel, chooseSnapshotter } from '../../src/cli/commands/machine-choices.ts';

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

test('a level may be required by the flag or the environment, but not more than is forced', () => {
  const env = { SLIPWAY_REQUIRE_ISOLATION: 'rootless' };
  assert.is(chooseLevel(undefined, 'auto', { env: {} }), undefined);
  assert.is(chooseLevel(undefined, 'auto', { env }), 'rootless');
  assert.is(chooseLevel('oci', 'auto', { env }), 'oci');
  assert.is(chooseLevel('oci', 'oci', { env }), 'oci');
  assert.is(chooseLevel('rootless-single', 'rootless', { env }), 'rootless-single');
  assert.throws(
    () => chooseLevel('oci', 'sandbox', { env }),
    /--isolation=sandbox is less than --require=oci/,
  );
  assert.throws(() => chooseLevel(undefined, 'chroot', { env }), /less than --require=rootless/);
  const misspelt = { SLIPWAY_REQUIRE_ISOLATION: 'sandbux' };
  assert.throws(() => chooseLevel(undefined, 'auto', { env: misspelt }), /SLIPWAY_REQUIRE_ISOLATION/);
});

test.run();
