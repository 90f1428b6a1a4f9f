import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assembleConfig } from '../../src/build/assemble.ts';
import type { Vertex } from '../../src/graph/vertex.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import type { CacheRecord } from '../../src/seams.ts';
import { type PlanRequest, planned } from '../graph/plan-setup.ts';

const test = suite('assemble');
const layer = (text: string) => ({
  diffID: digestOf(text) as string as DiffID,
  size: 1,
  blobs: [],
});
const created = '2026-05-05T05:05:05.5Z';

function assembled(text: string, more: { epoch?: number; request?: PlanRequest } = {}) {
  const record = (vertex: Vertex): CacheRecord | undefined =>
    vertex.op.type === 'image'
      ? undefined
      : {
          content: digestOf(''),
          diffID: layer('x').diffID,
          size: 1,
          created,
          seconds: 1,
          description: '',
          tree: {},
        };
  const { target: state } = planned(text, more.request);
  return assembleConfig({ state, layers: [layer('a'), layer('b')], record, epoch: more.epoch });
}

test('layers are listed lowest first', () => {
  assert.equal(assembled('FROM scratch').rootfs, {
    type: 'layers',
    diff_ids: [layer('a').diffID, layer('b').diffID],
  });
});

test("the base's history comes first; a layer has the time at which it was made, and what follows the same", () => {
  const { history } = assembled('FROM a\nENV A=1\nRUN x\nENV B=1');
  assert.equal(
    history?.map(({ created_by, created: time, empty_layer }) => [created_by, time, empty_layer ?? false]),
    [
      ['base', undefined, false],
      ['ENV A=1', '2026-01-01T00:00:00Z', true],
      ['RUN /bin/sh -c x # buildkit', created, false],
      ['ENV B=1', created, true],
    ],
  );
});

test('the image was made when its last step was, else when its base was', () => {
  assert.is(assembled('FROM a\nRUN x').created, created);
  assert.is(assembled('FROM a').created, '2026-01-01T00:00:00Z');
  assert.is(assembled('FROM scratch\nCMD x').created, undefined);
});

test('an epoch is the time of all that is new', () => {
  const config = assembled('FROM a\nENV A=1\nRUN x', { epoch: 86_400 });
  assert.is(config.created, '1970-01-02T00:00:00Z');
  assert.equal(
    config.history?.map((entry) => entry.created),
    [undefined, '1970-01-02T00:00:00Z', '1970-01-02T00:00:00Z'],
  );
});

test('what is empty is left out, and names are in order, so that equal images are equal bytes', () => {
  const { config } = assembled('FROM scratch\nLABEL b=1 a=2\nEXPOSE 90 80\nENTRYPOINT ["x"]\nUSER ""');
  assert.is(
    JSON.stringify(config),
    JSON.stringify({
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      WorkingDir: '/',
      Labels: { a: '2', b: '1' },
      ExposedPorts: { '80/tcp': {}, '90/tcp': {} },
      Entrypoint: ['x'],
    }),
  );
});

test('the platform is that of the target, its variant and version where it has them', () => {
  const targetPlatform = { os: 'linux', architecture: 'arm', variant: 'v6' };
  const { os, architecture, variant } = assembled('FROM scratch', { request: { targetPlatform } });
  assert.equal({ os, architecture, variant }, targetPlatform);
  assert.not('variant' in assembled('FROM scratch'));
});

test.run();
