import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMultiPlatform } from '../../src/build/multi-platform.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('multi-platform');
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };
const asked = (platforms: (typeof amd64)[], value?: string) =>
  isMultiPlatform({
    platforms,
    buildArgs: value === undefined ? {} : { BUILDKIT_MULTI_PLATFORM: value },
  });

test('several platforms are an index, and one where the build argument says so', () => {
  assert.is(asked([amd64, arm64]), true);
  assert.is(asked([amd64]), false);
  assert.is(asked([]), false);
  for (const value of ['1', 'true', 'T']) assert.is(asked([amd64], value), true, value);
  for (const value of ['0', 'false', '']) assert.is(asked([amd64], value), false, value);
});

test('a value that is no boolean, and one platform for what is asked for several, are errors', () => {
  throws(() => asked([], 'yes'), 'ERR_USAGE', /BUILDKIT_MULTI_PLATFORM is true or false, not "yes"/);
  throws(() => asked([amd64, arm64], '0'), 'ERR_USAGE', /for 2 platforms/);
  assert.is(asked([amd64, arm64], ''), true);
});

test.run();
