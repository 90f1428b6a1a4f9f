import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createByteSource } from '../../src/layer/byte-source.ts';

const test = suite('byte source');

const bytes = Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7) & 0xff));

async function* cut(sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

const step = fc.tuple(fc.constantFrom('read', 'some', 'skip', 'take'), fc.nat(300));

test('whatever the chunks are, the bytes come in their order and none is lost', async () => {
  const sizes = fc.array(fc.nat(400), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(step, { maxLength: 12 }), async (chunks, steps) => {
      const source = createByteSource(cut(chunks));
      let at = 0;
      const expect = (piece: Buffer): void => {
        assert.equal(piece, bytes.subarray(at, at + piece.length));
        at += piece.length;
      };
      for (const [how, count] of steps) {
        if (how === 'read') expect(await source.read(count));
        else if (how === 'some' && count > 0) expect(await source.some(count));
        else if (how === 'take') expect(source.take(Math.min(count, source.available())));
        else if (how === 'skip') {
          await source.skip(count);
          at += count;
        }
        assert.is(source.position(), at);
      }
      expect(await source.read(bytes.length - at));
      assert.is(await source.fill(1), false);
      await source.close();
    }),
    { seed: 4, numRuns: 150 },
  );
});

test('a chunk is not copied for a few bytes of it', async () => {
  const source = createByteSource(cut([10, 2000]));
  source.take((await source.fill(4)) ? 4 : 0);
  assert.equal(await source.read(16), bytes.subarray(4, 20));
  assert.is(source.take(100).buffer, bytes.buffer);
});

test('what a source can leave out is left out, and what is at hand comes first', async () => {
  const left: number[] = [];
  const source = createByteSource({
    skip: (count) => left.push(count) > 0,
    [Symbol.asyncIterator]: () => cut([10, 20]),
  });
  await source.read(15);
  await source.skip(40);
  assert.equal(left, [25]);
  assert.is(source.position(), 55);
});

test.run();
