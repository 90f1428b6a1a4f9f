import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDockerfile } from '../../src/dockerfile/parse.ts';
import { globalArgs, isBuiltInArg, proxyEnv } from '../../src/graph/global-args.ts';
import { splitStages } from '../../src/graph/stage.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('global-args');
function globals(text: string, buildArgs: Record<string, string> = {}) {
  return globalArgs(splitStages(parseDockerfile(`${text}\nFROM scratch`, 'Dockerfile')).globals, {
    file: 'Dockerfile',
    buildArgs,
    buildPlatform: { os: 'linux', architecture: 'amd64' },
    targetPlatform: { os: 'linux', architecture: 'arm', variant: 'v6' },
    targetStage: 'app',
    expand: { escape: '\\' },
  });
}

test('platforms and target are there without an ARG, variants empty where there is none', () => {
  assert.equal(Object.fromEntries(globals('').entries()), {
    BUILDPLATFORM: 'linux/amd64',
    BUILDOS: 'linux',
    BUILDOSVERSION: '',
    BUILDARCH: 'amd64',
    BUILDVARIANT: '',
    TARGETPLATFORM: 'linux/arm/v6',
    TARGETOS: 'linux',
    TARGETOSVERSION: '',
    TARGETARCH: 'arm',
    TARGETVARIANT: 'v6',
    TARGETSTAGE: 'app',
  });
});

test('a default may use what stands above it, on the same line too', () => {
  const env = globals(`ARG A=1\nARG B=$A-$TARGETARCH C=\${B}x`);
  assert.is(env.get('C'), '1-armx');
});

test('the command line goes before a default, also for those that are built in', () => {
  const env = globals('ARG A=1\nARG B=$A', { A: '2', TARGETARCH: 'mine', UNKNOWN: 'x' });
  assert.equal([env.get('A'), env.get('B'), env.get('TARGETARCH')], ['2', '2', 'mine']);
  assert.is(env.get('UNKNOWN'), undefined);
});

test('an ARG without a value is unset', () => {
  assert.is(globals('ARG A').get('A'), undefined);
  assert.is(globals(`ARG A\nARG B=\${A:-none}`).get('B'), 'none');
});

test('an error has the place of its ARG', () => {
  const error = throws(() => globals(`ARG A=1\nARG B=\${X:?wanted}`), 'ERR_EXPANSION', /wanted/);
  assert.is(error.place?.range.start.line, 2);
});

test('a proxy reaches a step in both spellings, the capital one first', () => {
  assert.equal(proxyEnv({ http_proxy: 'p', NO_PROXY: 'n', no_proxy: 'm' }), [
    ['HTTP_PROXY', 'p'],
    ['http_proxy', 'p'],
    ['NO_PROXY', 'n'],
    ['no_proxy', 'n'],
  ]);
  assert.equal(proxyEnv({ A: 'x' }), []);
});

test('proxies, platform arguments and those that steer the build need no ARG', () => {
  for (const name of ['https_proxy', 'TARGETARCH', 'BUILDKIT_INLINE_CACHE', 'SOURCE_DATE_EPOCH'])
    assert.ok(isBuiltInArg(name), name);
  for (const name of ['A', 'MY_PROXY', 'targetarch', 'TARGETARCHX']) assert.not(isBuiltInArg(name), name);
});

test.run();
