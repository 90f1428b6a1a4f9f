import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { imagePlatform } from '../../src/graph/image-platform.ts';
import { emptyState, type StageState } from '../../src/graph/stage-state.ts';
import type { ImageConfig } from '../../src/oci/config.ts';
import { formatPlatform } from '../../src/oci/platform.ts';
import { planned } from './plan-setup.ts';

const test = suite('image platform');

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

function on(base: Partial<ImageConfig>): StageState {
  const rootfs = { type: 'layers' as const, diff_ids: [] };
  return { ...emptyState(amd64), base: { ...amd64, rootfs, ...base } };
}

const of = (text: string, platformGiven: boolean) =>
  formatPlatform(planned(text, { targetPlatform: arm64, platformGiven }).target.platform);

test('a platform that is asked for is that of the image, whatever its last FROM names', () => {
  assert.is(of('FROM --platform=$BUILDPLATFORM a', true), 'linux/arm64');
  assert.is(of('FROM --platform=linux/s390x scratch', true), 'linux/arm64');
  assert.is(of('FROM --platform=$BUILDPLATFORM a AS x\nFROM x', true), 'linux/arm64');
});

test('where none is asked for, FROM counts', () => {
  assert.is(of('FROM --platform=linux/s390x scratch', false), 'linux/s390x');
  assert.is(of('FROM scratch', false), 'linux/arm64');
  assert.is(of('FROM --platform= scratch', false), 'linux/arm64');
});

test('where none is asked for, a base image says itself what it is for', () => {
  assert.equal(imagePlatform(on({ architecture: 'arm', variant: 'v6' }), undefined), {
    os: 'linux',
    architecture: 'arm',
    variant: 'v6',
  });
  assert.equal(imagePlatform(on({ architecture: 'arm64', variant: 'v8' }), undefined), arm64);
  assert.equal(imagePlatform(on({ architecture: '' }), undefined), amd64);
});

test('the version of Windows is that of the base image', () => {
  const windows = { os: 'windows', architecture: 'amd64' };
  const state = on({ ...windows, 'os.version': '10.0.20348.9' });
  assert.is(imagePlatform(state, windows)['os.version'], '10.0.20348.9');
  assert.is(imagePlatform(state, { ...windows, 'os.version': '10.0.20348' })['os.version'], '10.0.20348.9');
  assert.is(imagePlatform(state, amd64)['os.version'], undefined);
});

test('images for Windows get no PATH, which would hide their own Path', () => {
  const bases = { 'docker.io/library/a:latest': { Env: ['Path=C:\\Windows'] } };
  const targetPlatform = { os: 'windows', architecture: 'amd64' };
  const env = (text: string) => planned(text, { targetPlatform, bases }).target.config.Env;
  assert.equal(env('FROM a'), ['Path=C:\\Windows']);
  assert.is(env('FROM scratch'), undefined);
  assert.equal(env('FROM scratch\nENV A=b'), ['A=b']);
});

test.run();
