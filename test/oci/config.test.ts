import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { type ImageConfig, parseConfig } from '../../src/oci/config.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mutations } from '../support/mutate-json.ts';

const test = suite('config');
const config = {
  created: '2026-01-02T03:04:05Z',
  author: 'me',
  architecture: 'arm64',
  os: 'linux',
  config: {
    User: 'app',
    ExposedPorts: { '80/tcp': {} },
    Env: ['PATH=/bin', 'EMPTY='],
    Entrypoint: ['/app'],
    Cmd: null,
    Volumes: { '/data': {} },
    WorkingDir: '/app',
    Labels: { a: 'b' },
    StopSignal: 'SIGTERM',
    Healthcheck: { Test: ['CMD', 'x'], Interval: 5e9 },
    OnBuild: ['RUN x'],
    Shell: ['/bin/sh', '-c'],
  },
  rootfs: { type: 'layers', diff_ids: [digestOf('one')] },
  history: [{ created_by: 'COPY a b' }, { created_by: 'CMD x', empty_layer: true }],
};
const parse = (value: unknown): ImageConfig => parseConfig(Buffer.from(JSON.stringify(value)));

function refused(value: unknown): boolean {
  try {
    parse(value);
  } catch (error) {
    if (isSlipwayError(error) && error.code === 'ERR_BAD_IMAGE') return true;
    throw error;
  }
  return false;
}

test('a configuration is read as it is, unknown members too', () => {
  assert.equal(parse({ ...config, later: { x: 1 } }), { ...config, later: { x: 1 } });
});

test('what an old image leaves out has a default', () => {
  assert.equal(parse({ config: {} }), {
    config: {},
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [] },
  });
});

test('what is no JSON object is refused', () => {
  for (const text of ['', 'null', '7', '"x"', '{'])
    assert.throws(() => parseConfig(Buffer.from(text)), isSlipwayError, text);
});

test('layers that are no digests are refused', () => {
  for (const ids of ['x', {}, [1], ['sha256:12'], [`${digestOf('a')}/..`], [null]])
    assert.ok(refused({ ...config, rootfs: { diff_ids: ids } }), JSON.stringify(ids));
});

test('fields of another type than the specification says are refused', () => {
  const wrong: Record<string, unknown>[] = [
    { Env: 'PATH=/' },
    { Env: [1] },
    { Cmd: 'sh' },
    { User: 0 },
    { Labels: { a: 1 } },
    { Labels: ['a'] },
    { OnBuild: {} },
    { ExposedPorts: [80] },
    { WorkingDir: [] },
    { Shell: [null] },
  ];
  for (const fields of wrong) assert.ok(refused({ ...config, config: fields }), JSON.stringify(fields));
  assert.ok(refused({ ...config, config: 'x' }));
  assert.ok(refused({ ...config, os: 1 }));
});

test('a history that is no list of entries is refused', () => {
  for (const history of [5, 'x', {}, ['x'], [7]])
    assert.ok(refused({ ...config, history }), JSON.stringify(history));
});

test('whatever member is changed to whatever, it parses or is refused as a bad image', () => {
  fc.assert(
    fc.property(mutations(config), (value) => {
      refused(value);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('members that are read as texts, flags and numbers are such, or null, or not there', () => {
  for (const fields of [
    { variant: 7 },
    { created: {} },
    { author: [] },
    { 'os.version': 1 },
    { history: [{ created_by: 1 }] },
    { history: [{ empty_layer: 'yes' }] },
    { config: { Healthcheck: { Test: 'x' } } },
    { config: { Healthcheck: { Interval: '1s' } } },
  ])
    assert.ok(refused(fields), JSON.stringify(fields));
  const read = parse({ variant: null, history: [{ created_by: null, comment: 'x' }] });
  assert.is(read.variant, undefined);
  assert.equal(read.history, [{ comment: 'x' }]);
});

test.run();
