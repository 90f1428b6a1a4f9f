// Files that are read while they are written to.
import { open } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFileGrowth, readGrowing } from '../../src/fs/growing-file.ts';
import { releaseBuffer } from '../../src/fs/release-buffer.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('fs/growing-file');

test('a reader sees all bytes, in order, however they come', async () => {
  await using folder = await tempDir();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2_000_000), { maxLength: 4 }), async (sizes) => {
      const path = folder.file(`file-${count++}`);
      await using writer = await open(path, 'wx');
      const growth = createFileGrowth(await open(path, 'r'));
      await using file = growth.file;
      const reading = (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of readGrowing(file)) chunks.push(chunk);
        return Buffer.concat(chunks);
      })();
      const pieces = sizes.map((size, index) => Buffer.alloc(size, index + 1));
      let written = 0;
      for (const piece of pieces) {
        await writer.write(piece);
        written += piece.length;
        growth.grow(written);
        await turn();
      }
      growth.end();
      assert.ok((await reading).equals(Buffer.concat(pieces)));
    }),
    { seed: 3, numRuns: 20 },
  );
});

test('every reader that waits is told of a failure, and so is one that comes after', async () => {
  await using folder = await tempDir();
  const growth = createFileGrowth(await open(folder.file('file'), 'w+'));
  await using file = growth.file;
  const told = (): Promise<string> =>
    file.reach(1).then(
      () => 'there',
      (error) => (error as Error).message,
    );
  const waiting = [told(), told()];
  growth.end(new Error('disk full'));
  assert.equal(await Promise.all([...waiting, told()]), ['disk full', 'disk full', 'disk full']);
});

test("a buffer's memory is given back, but not what others have a part of", () => {
  const large = Buffer.allocUnsafeSlow(1 << 20);
  releaseBuffer(large);
  assert.is(large.length, 0);
  const part = Buffer.from('a few bytes');
  releaseBuffer(part);
  assert.is(part.toString(), 'a few bytes');
  const shared = Buffer.from(new SharedArrayBuffer(1 << 20));
  releaseBuffer(shared);
  assert.is(shared.length, 1 << 20);
});

test.run();
