// --cache-ttl and --no-cache, from the words to the request.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCacheUse } from '../../src/cli/commands/cache-use.ts';

const test = suite('cli/cache-use');

test('a lifetime is a Go duration', () => {
  assert.equal(readCacheUse('336h', undefined), { noCache: false, cacheTTL: 336 * 3_600_000 });
  assert.equal(readCacheUse('1m30s', false), { noCache: false, cacheTTL: 90_000 });
  assert.equal(readCacheUse('1h', true), { noCache: true, cacheTTL: 3_600_000 });
  assert.equal(readCacheUse(undefined, undefined), { noCache: false });
});

test('no lifetime at all is no cache', () => {
  assert.equal(readCacheUse('0', undefined), { noCache: true });
  assert.equal(readCacheUse('0s', true), { noCache: true });
  assert.throws(() => readCacheUse('0', false), /contradict/);
});

test('what is no duration is refused', () => {
  for (const [text, why] of [
    ['5', 'missing unit'],
    ['2w', 'invalid duration'],
    ['-1h', 'negative'],
    ['', 'invalid duration'],
  ] as const)
    assert.throws(() => readCacheUse(text, undefined), new RegExp(`--cache-ttl: .*${why}`));
});

test.run();
