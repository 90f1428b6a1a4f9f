// What is read of the file is what was written, or nothing.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeStatFile, encodeStatFile, type Section } from '../../src/context/stat-file.ts';
import { stateLength } from '../../src/fs/file-state.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';

const test = suite('context/stat-file');

const digest = fc.string().map((text): Digest | '' => (text === '' ? '' : digestOf(text)));
/** Names as trees give them: no NUL, and bytes that are no UTF-8 as lone surrogates. */
const name = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', '/', 'ä', '\n', ' ', '\udc80', '\udcff', '😀'),
      fc.string({ maxLength: 5 }),
    ),
  )
  .map((parts) => `/${parts.join('').replaceAll('\0', '')}`)
  .filter(
    (text) => !/[\ud800-\udc7f]|[\udd00-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')),
  );
const entry = fc.tuple(
  name,
  fc.constantFrom(0, 1, 2),
  fc.array(fc.double({ noNaN: true }), { minLength: stateLength, maxLength: stateLength }),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
);
const section = fc.tuple(digest, digest, fc.array(entry, { maxLength: 8 })).map(
  ([question, answer, entries]): Section => ({
    question,
    answer,
    names: entries.map(([one]) => one),
    counts: Uint8Array.from(entries, ([, count]) => count),
    states: Float64Array.from(entries.flatMap(([, , state]) => state)),
    digests: Buffer.concat(entries.map(([, , , bytes]) => bytes)),
  }),
);
const sections = fc.array(section, { maxLength: 4 });
const options = { seed: 7, numRuns: 300 };

test('what was written is read', () => {
  fc.assert(
    fc.property(sections, (written) => {
      assert.equal(decodeStatFile(encodeStatFile(written)), written);
    }),
    options,
  );
});

test('a file of which anything is missing, changed or more is no file', () => {
  fc.assert(
    fc.property(sections, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, place, change) => {
      const file = encodeStatFile(written);
      const at = place % file.length;
      const flipped = Buffer.from(file);
      flipped[at]! ^= change;
      const damaged = [file.subarray(0, at), flipped, Buffer.concat([file, Buffer.of(change)])];
      for (const one of damaged) assert.equal(decodeStatFile(one), []);
    }),
    options,
  );
});

test('a file of another version, or of nothing of this kind, is no file', () => {
  const file = encodeStatFile([]);
  assert.equal(decodeStatFile(Buffer.from(file.toString().replace('cache 2', 'cache 1'))), []);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(decodeStatFile(Buffer.from(bytes)), []);
    }),
    options,
  );
});

test.run();
