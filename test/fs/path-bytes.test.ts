// Names of any bytes survive as strings.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeName, encodePath, pathBytes, readNames } from '../../src/fs/path-bytes.ts';

const test = suite('fs/path-bytes');

test('any bytes come back', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const mixed = fc
    .array(
      fc.oneof(
        bytes,
        fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      ),
      { maxLength: 6 },
    )
    .map((parts) => Buffer.concat(parts));
  fc.assert(
    fc.property(mixed, (name) => {
      assert.equal(pathBytes(decodeName(name)), name);
      assert.equal(Buffer.from(encodePath(decodeName(name))), name);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('different bytes give different names, and well-formed text is itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.is(decodeName(Buffer.from(text)), text);
      assert.is(encodePath(text), text);
    }),
    { numRuns: 500, seed: 2 },
  );
  assert.is(decodeName(Buffer.from('\uFFFD')), '\uFFFD');
  assert.is(decodeName(Buffer.of(0x61, 0xff)), 'a\uDCFF');
});

test('an encoded surrogate and an overlong form are no UTF-8', () => {
  assert.is(decodeName(Buffer.of(0xed, 0xb2, 0x80)), '\uDCED\uDCB2\uDC80');
  assert.is(decodeName(Buffer.of(0xc0, 0xaf)), '\uDCC0\uDCAF');
  assert.is(decodeName(Buffer.of(0xf5, 0x80, 0x80, 0x80)), '\uDCF5\uDC80\uDC80\uDC80');
});

test('a directory gives its names sorted, whatever their bytes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-names-'));
  try {
    for (const name of [Buffer.of(0x62, 0xfe), Buffer.from('ä'), Buffer.from('a'), Buffer.from('B')]) {
      writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), name]), '');
    }
    assert.equal(readNames(directory), ['B', 'a', 'b\uDCFE', 'ä']);
    writeFileSync(encodePath(`${directory}/c\uDC80`), 'x');
    assert.ok(readNames(directory).includes('c\uDC80'));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
