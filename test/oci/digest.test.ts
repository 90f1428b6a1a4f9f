import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  digestOf,
  digestOfJson,
  finishDigest,
  hexOf,
  isDigest,
  newHash,
  parseDigest,
} from '../../src/oci/digest.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('digest');
const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('the digest of nothing is the well-known one', () => {
  assert.is(digestOf(''), empty);
  assert.is(digestOf(new Uint8Array()), empty);
  assert.is(hexOf(digestOf('')), empty.slice(7));
});

test('a text has the digest of its UTF-8 bytes', () => {
  assert.is(digestOf('é'), digestOf(Buffer.from([0xc3, 0xa9])));
});

test('a running hash gives the same digest, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
      const hash = newHash().update(bytes.subarray(0, at)).update(bytes.subarray(at));
      assert.is(finishDigest(hash), digestOf(bytes));
    }),
    { seed: 1, numRuns: 50 },
  );
});

test('of a JSON value the order of members counts, as its text is hashed', () => {
  assert.is(digestOfJson({ a: 1, b: [true] }), digestOf('{"a":1,"b":[true]}'));
  assert.is.not(digestOfJson({ a: 1, b: 2 }), digestOfJson({ b: 2, a: 1 }));
});

test('only sha256 with 64 lower-case hex digits is a digest', () => {
  assert.is(parseDigest(empty), empty);
  const others = [
    '',
    'sha256:',
    empty.slice(7),
    empty.toUpperCase(),
    `${empty}0`,
    empty.slice(0, -1),
    `${empty}\n`,
    ` ${empty}`,
    `sha512:${'0'.repeat(128)}`,
    `sha256:${'g'.repeat(64)}`,
    'sha256:../../../../etc/passwd',
  ];
  for (const text of others) {
    assert.not(isDigest(text), text);
    throws(() => parseDigest(text), 'ERR_BAD_REFERENCE', /64 hexadecimal/);
  }
});

test.run();
