// Values of secrets in bytes and texts: every encoding, at every place in a chunk and across two, and what is no secret.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSecretSearch } from '../../src/secrets/secret-search.ts';

const test = suite('secrets/secret-search');

const searchFor = (text: string) => createSecretSearch([{ name: 'secret s', value: Buffer.from(text) }]);

const encodings: Record<string, (value: Buffer) => string> = {
  itself: (value) => value.toString('latin1'),
  base64: (value) => value.toString('base64'),
  base64url: (value) => value.toString('base64url'),
  hex: (value) => value.toString('hex'),
  HEX: (value) => value.toString('hex').toUpperCase(),
  URL: (value) => encodeURIComponent(value.toString()),
  form: (value) => new URLSearchParams({ a: value.toString() }).toString().slice(2),
  JSON: (value) => Buffer.from(JSON.stringify(value.toString())).toString('latin1'),
};

test('every encoding of a value is found at any place, in chunks of any size', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 60 }).filter((text) => text.trim().length >= 8),
      fc.constantFrom(...Object.keys(encodings)),
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(30),
      fc.integer({ min: 1, max: 50 }),
      (text, encoding, before, spare, size) => {
        const encoded = Buffer.from(encodings[encoding]!(Buffer.from(text.trim())), 'latin1');
        const all = Buffer.concat([before, encoded, Buffer.alloc(spare)]);
        const stream = searchFor(text).stream();
        let found = false;
        // Lent, as by who packs layers.
        const lent = Buffer.alloc(size);
        for (let at = 0; at < all.length; at += size) {
          const length = all.copy(lent, 0, at, at + size);
          found = stream.next(lent.subarray(0, length)) !== undefined || found;
        }
        assert.ok(found, `${encoding} of ${JSON.stringify(text)}`);
      },
    ),
    { seed: 1, numRuns: 400 },
  );
});

test('base64 is found wherever the value begins in what is encoded, and over broken lines', () => {
  const value = 'open-sesame/551+x';
  for (const before of ['', 'a', 'ab', 'abc', 'user:'])
    for (const form of ['base64', 'base64url'] as const) {
      const encoded = Buffer.from(`${before}${value}\n`).toString(form);
      assert.is(searchFor(value).find(Buffer.from(encoded))?.encoding, 'base64', `${before} ${form}`);
    }
  const long = Array.from({ length: 30 }, (_, index) => `part${index * 7919}`).join('-');
  for (let before = 0; before < 80; before++) {
    const encoded = Buffer.from('x'.repeat(before) + long).toString('base64');
    const lines = encoded.replace(/.{76}/g, '$&\n');
    assert.ok(searchFor(long).find(Buffer.from(lines)), `after ${before} bytes`);
  }
});

test('tokens of a file, and the lines of a private key, are found by themselves', () => {
  const npmrc =
    '//registry.example.com/:_authToken=npm_Abc1Def2Ghi3Jkl4Mno5\nregistry=https://registry.example.com/\n';
  const search = searchFor(npmrc);
  assert.ok(search.find(Buffer.from('token: npm_Abc1Def2Ghi3Jkl4Mno5;')));
  assert.not.ok(search.find(Buffer.from('registry=https://registry.example.com/\n')));
  const line = 'MHcCAQEEIDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1oAoGCCqG';
  const key = `-----BEGIN EC PRIVATE KEY-----\n${line}\n-----END EC PRIVATE KEY-----\n`;
  assert.ok(searchFor(key).find(Buffer.from(`"${line}"`)));
  assert.not.ok(searchFor(key).find(Buffer.from('-----BEGIN EC PRIVATE KEY-----\n')));
});

test('common words, and passwords in addresses that are plain words, are masked alone', () => {
  const search = createSecretSearch([
    { name: 'a', value: Buffer.from('password') },
    { name: 'b', value: Buffer.from('internalname'), oftenWord: true },
    { name: 'c', value: Buffer.from('ordinarytext') },
  ]);
  assert.not.ok(search.find(Buffer.from('the password of internalname')));
  assert.ok(search.find(Buffer.from('ordinarytext')));
  assert.is(search.mask('password internalname'), '*** ***');
});

test('what stands for values in documentation is not refused, what is drawn by lot is', () => {
  for (const word of [
    'test',
    'true',
    'database',
    'password123',
    'my-secret',
    'TestTest',
    '12345678',
    'xxxxxxxxxx',
  ])
    assert.not.ok(searchFor(word).find(Buffer.from(`a ${word} b`)), word);
  for (const word of ['hunter2hunter2', 'kqzjxwvp', '83920174', 'password-kqz1'])
    assert.ok(searchFor(word).find(Buffer.from(`a ${word} b`)), word);
});

test('passwords with their names, and those in addresses, are found by themselves', () => {
  const values = {
    'machine example.com login bob password s3cr3t-9\nmachine b.example.com\n': 's3cr3t-9',
    'DATABASE_URL=postgres://app:p4ss-w0rd@db.example.com/app': 'p4ss-w0rd',
    '{"auths":{"registry.example.com":{"auth":"Ym9iOnMzY3IzdA=="}}}': 'Ym9iOnMzY3IzdA==',
    '{\n  "token": "abc-123-def",\n  "user": "bob"\n}': 'abc-123-def',
  };
  for (const [value, part] of Object.entries(values)) {
    assert.ok(searchFor(value).find(Buffer.from(`x ${part} y`)), value);
    assert.is(searchFor(value).mask(`x ${part} y`), 'x *** y');
  }
  const json =
    '{\n"auth_uri": "https://accounts.example.com/auth",\n"token_uri": "https://example.com/token",\n"type": "ordinary"\n}';
  assert.not.ok(searchFor(json).find(Buffer.from('https://accounts.example.com/auth "ordinary"')));
});

test('values of 4 to 7 bytes are masked in texts that are shown, unless they are a word or a number', () => {
  assert.is(searchFor('s3cr').mask('it is s3cr.'), 'it is ***.');
  for (const word of ['test', 'true', '1234', 'abc', 'a1b'])
    assert.is(searchFor(word).mask(`a ${word}`), `a ${word}`);
  const digest = { layer: 'sha256:00a1b200' };
  assert.is(searchFor('a1b2').maskData(digest), digest);
});

test('data keeps its numbers, and is masked in its names', () => {
  const search = searchFor('83920174');
  assert.equal(search.maskData({ size: 83920174, 'a 83920174': ['83920174', null, true] }), {
    size: 83920174,
    'a ***': ['***', null, true],
  });
});

test('certificates and short values are nowhere refused', () => {
  const line = 'MIIBszCCAVmgAwIBAgIUABCDEFGHIJKLMNOPQRSTUVWXYZ0wCgYIKoZIzj0EAwIw';
  const certificate = `-----BEGIN CERTIFICATE-----\n${line}\n-----END CERTIFICATE-----\n`;
  assert.not.ok(searchFor(certificate).find(Buffer.from(certificate)));
  assert.not.ok(searchFor('seven77').find(Buffer.from('seven77')));
  assert.not.ok(searchFor('').find(Buffer.from('anything')));
  assert.is(searchFor('').mask('anything'), 'anything');
});

test('texts lose values, lines of values and their encodings', () => {
  const search = searchFor('first-line-1\nsecond-line-2\n');
  assert.is(search.mask('a first-line-1 b second-line-2 c'), 'a *** b *** c');
  assert.is(search.mask(Buffer.from('first-line-1').toString('base64')), '***');
  assert.is(search.mask('nothing'), 'nothing');
  const data = { a: ['say "first-line-1"'], b: 1 };
  assert.equal(search.maskData(data), { a: ['say "***"'], b: 1 });
  const same = { a: 'x' };
  assert.is(search.maskData(same), same);
});

test('a stream shows the same however it is cut, and holds back nothing else in the end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('tok-1234', 'tok-', 'tok-12', 'tok-1234567', ' ', 'x', '1234'), {
        maxLength: 20,
      }),
      fc.integer({ min: 1, max: 9 }),
      (words, size) => {
        const text = words.join('');
        const search = createSecretSearch([
          { name: 'a', value: Buffer.from('tok-1234') },
          { name: 'b', value: Buffer.from('tok-1234567') },
        ]);
        const stream = search.maskStream();
        const shown: Buffer[] = [];
        for (let at = 0; at < text.length; at += size)
          shown.push(stream.next(Buffer.from(text.slice(at, at + size))));
        shown.push(stream.end());
        assert.is(Buffer.concat(shown).toString(), search.mask(text));
      },
    ),
    { seed: 2, numRuns: 300 },
  );
});

test('what can be no value is shown at once', () => {
  const stream = searchFor('open-sesame').maskStream();
  assert.is(stream.next(Buffer.from('progress 10 %')).toString(), 'progress 10 %');
  assert.is(stream.next(Buffer.from(' ope')).toString(), ' ');
  assert.is(stream.next(Buffer.from('ra')).toString(), 'opera');
});

test.run();
