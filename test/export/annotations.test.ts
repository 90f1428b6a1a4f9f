// Which annotations go where, and which are for nothing.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Annotation } from '../../src/build-request.ts';
import { isSlipwayError } from '../../src/errors.ts';
import { annotationsFor, checkAnnotations, joinAnnotations } from '../../src/export/annotations.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };
const test = suite('export/annotations');

const list: Annotation[] = [
  { type: 'manifest', platform: arm64, key: 'a', value: 'arm' },
  { type: 'manifest', key: 'b', value: 'all' },
  { type: 'manifest', key: 'a', value: 'all' },
  { type: 'index', key: 'i', value: '1' },
  { type: 'index-descriptor', key: 'd', value: '1' },
  { type: 'manifest-descriptor', platform: amd64, key: 'm', value: '1' },
];

test('what is said of one platform goes before what is said of all; keys are in order', () => {
  assert.equal(annotationsFor(list, 'manifest', amd64), { a: 'all', b: 'all' });
  assert.equal(annotationsFor(list, 'manifest', { ...arm64, variant: 'v8' }), { a: 'arm', b: 'all' });
  assert.is(JSON.stringify(annotationsFor(list, 'manifest', arm64)), '{"a":"arm","b":"all"}');
});

test('each place has its own', () => {
  assert.equal(annotationsFor(list, 'index'), { i: '1' });
  assert.equal(annotationsFor(list, 'index-descriptor'), { d: '1' });
  assert.equal(annotationsFor(list, 'manifest-descriptor', amd64), { m: '1' });
  assert.is(annotationsFor(list, 'manifest-descriptor', arm64), undefined);
  assert.is(annotationsFor(undefined, 'manifest', amd64), undefined);
  assert.is(annotationsFor([], 'index'), undefined);
});

test('a key that is a name of Object.prototype is a key', () => {
  const odd: Annotation[] = [{ type: 'manifest', key: '__proto__', value: 'x' }];
  assert.is(JSON.stringify(annotationsFor(odd, 'manifest', amd64)), '{"__proto__":"x"}');
});

test('joined annotations are in order, the second set holds', () => {
  assert.is(
    JSON.stringify(joinAnnotations({ z: '1', a: '1' }, { a: '2', m: '3' })),
    '{"a":"2","m":"3","z":"1"}',
  );
  assert.equal(joinAnnotations(undefined, {}), {});
});

test('annotations of an index, or a platform, that is not made are refused', () => {
  const code = (run: () => void): string | undefined => {
    try {
      run();
    } catch (error) {
      return isSlipwayError(error) ? error.code : String(error);
    }
    return undefined;
  };
  assert.is(
    code(() => checkAnnotations(list, [amd64, arm64])),
    undefined,
  );
  assert.is(
    code(() => checkAnnotations(list, [amd64])),
    'ERR_USAGE',
  );
  assert.is(
    code(() => checkAnnotations(list.slice(3, 4), [amd64])),
    'ERR_USAGE',
  );
  assert.is(
    code(() => checkAnnotations(list.slice(1, 3), [amd64])),
    undefined,
  );
});

test.run();
