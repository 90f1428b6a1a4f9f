// Bodies that come, but too slowly: time is what the sender takes, not who reads.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paced } from '../../src/registry/paced.ts';

const test = suite('registry/paced');

/** Chunks of these sizes, each after as many milliseconds. */
async function* chunks(list: readonly [after: number, size: number][]): AsyncGenerator<Buffer> {
  for (const [after, size] of list) {
    await new Promise((resolve) => setTimeout(resolve, after));
    yield Buffer.alloc(size);
  }
}

async function read(source: AsyncIterable<Buffer>, window: number): Promise<number> {
  let size = 0;
  for await (const chunk of paced(source, window)) size += chunk.length;
  return size;
}

test('a byte now and then is as good as none', async () => {
  const drip = Array.from({ length: 1000 }, (): [number, number] => [5, 1]);
  const error = await read(chunks(drip), 50).catch((caught: unknown) => caught);
  assert.is((error as { code?: string }).code, 'ERR_TOO_SLOW');
});

test('what comes at once may come after a while, and whoever reads may take his time', async () => {
  assert.is(
    await read(
      chunks([
        [1, 100],
        [60, 100],
        [60, 100],
      ]),
      40,
    ),
    300,
  );
  let size = 0;
  for await (const chunk of paced(
    chunks([
      [0, 1],
      [0, 1],
      [0, 1],
    ]),
    10_000,
  )) {
    size += chunk.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.is(size, 3);
});

test('whoever stops early closes the body', async () => {
  let closed = false;
  async function* body(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(10);
    } finally {
      closed = true;
    }
  }
  for await (const _ of paced(body(), 1000)) break;
  assert.ok(closed);
});

test.run();
