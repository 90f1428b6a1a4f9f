// Which network a RUN gets, by its own flag and by the build's.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lastRun, planned } from './plan-setup.ts';

const test = suite('run-network');
const network = (flag: string, build: 'default' | 'host' | 'none', allow: string[] = []): string =>
  lastRun(planned(`FROM a\nRUN ${flag} x`, { network: build, allow })).network;

test('a RUN without a choice of its own gets the network of the build', () => {
  for (const build of ['default', 'host', 'none'] as const) {
    assert.is(network('', build), build);
    assert.is(network('--network=default', build), build);
    assert.is(network('--network=none', build), 'none');
  }
});

test('the host network needs leave, unless the whole build has it', () => {
  for (const build of ['default', 'none'] as const) {
    assert.throws(() => network('--network=host', build), /network\.host/);
    assert.is(network('--network=host', build, ['network.host']), 'host');
  }
  assert.is(network('--network=host', 'host'), 'host');
});

test.run();
