import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { contextKey, parseContextTarget } from '../../src/graph/sources.ts';
import { throws } from '../dockerfile/throws.ts';
import { historyOf, namesOf, planned, verticesOf } from './plan-setup.ts';

const test = suite('named contexts');

test('a context takes the place of an image in FROM and --from, however its name is written', () => {
  const buildContexts = { 'docker.io/library/alpine:latest': 'docker-image://mirror.example/alpine:3' };
  const { rounds } = planned('FROM alpine', { buildContexts });
  assert.equal(rounds.flat(), ['mirror.example/alpine:3 linux/amd64']);
  assert.equal(
    namesOf(planned('FROM scratch\nCOPY --from=alpine / /', { buildContexts }))[0],
    ['[context docker.io/library/alpine:latest] mirror.example/alpine:3'][0],
  );
});

test('a context takes the place of a stage: its steps are not run, its base not asked for', () => {
  const text = 'FROM a AS build\nRUN make\nFROM scratch\nCOPY --from=build /x /';
  const result = planned(text, { buildContexts: { build: 'prebuilt' } });
  assert.equal(result.rounds, []);
  assert.equal(namesOf(result), ['[context build] load from client', '[stage-1 1/1] COPY --from=build /x /']);
});

test('FROM of a folder begins with a copy of it', () => {
  const result = planned('FROM files\nENV A=1', { buildContexts: { files: './files' } });
  assert.equal(historyOf(result), ['COPY / / # buildkit', 'ENV A=1']);
  const copy = result.target.vertex!;
  assert.is(copy.op.type, 'copy');
  assert.equal(
    copy.inputs.map((input) => input?.op.type),
    [undefined, 'context'],
  );
});

test('a folder that two steps use is one vertex', () => {
  const text = 'FROM scratch\nCOPY --from=files a /\nCOPY --from=files b /';
  const contexts = verticesOf(planned(text, { buildContexts: { files: 'x' } }).target.vertex).filter(
    ({ op }) => op.type === 'context',
  );
  assert.is(contexts.length, 1);
});

test('a value is a folder, an image or a layout; other kinds are refused', () => {
  assert.equal(parseContextTarget('../x'), { kind: 'folder', path: '../x' });
  assert.equal(parseContextTarget('C:\\x'), { kind: 'folder', path: 'C:\\x' });
  assert.equal(parseContextTarget('docker-image://a:1'), {
    kind: 'image',
    origin: { kind: 'registry', reference: 'a:1' },
  });
  assert.equal(parseContextTarget('oci-layout://dir:tag'), {
    kind: 'image',
    origin: { kind: 'oci-layout', reference: 'dir:tag' },
  });
  throws(() => parseContextTarget('target:other'), 'ERR_UNSUPPORTED', /oci-layout/);
  throws(() => parseContextTarget('docker-image://UPPER'), 'ERR_BAD_REFERENCE');
});

test('an image called scratch is the empty root, of which nothing is asked for; scratch itself is never replaced', () => {
  const buildContexts = { foo: 'docker-image://scratch', scratch: 'docker-image://other' };
  const from = planned('FROM foo\nENV A=1', { buildContexts });
  assert.equal(from.rounds, []);
  assert.is(from.target.vertex, undefined);
  const copy = planned('FROM scratch\nCOPY --from=foo / /', { buildContexts });
  assert.equal(copy.rounds, []);
  assert.equal(copy.target.vertex?.inputs, [undefined, undefined]);
  const whole = { context: 'docker-image://scratch' };
  assert.equal(planned('FROM scratch\nCOPY a /', { buildContexts: whole }).target.vertex?.inputs, [
    undefined,
    undefined,
  ]);
});

test('names that mean one image have one key', () => {
  for (const name of ['alpine', 'Alpine', 'library/alpine', 'docker.io/library/alpine:latest'])
    assert.is(contextKey(name), 'alpine', name);
  assert.is(contextKey('alpine:3'), 'alpine:3');
  assert.is(contextKey('stage_name'), 'stage_name');
  assert.is(contextKey('-odd-'), '-odd-');
});

test.run();
