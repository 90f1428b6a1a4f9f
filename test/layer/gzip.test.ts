// Gzip forms: one member, whose bytes depend on content and level alone, and threads that end with their work.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFileGrowth } from '../../src/fs/growing-file.ts';
import { makeTempDir } from '../../src/fs/temp-dir.ts';
import { combineCrc32 } from '../../src/layer/crc32.ts';
import { blockSize } from '../../src/layer/deflate-block.ts';
import { type GzipLimits, gzipChunks, gzipFile } from '../../src/layer/gzip.ts';
import { requireFeature } from '../support/require-feature.ts';
import { collect, pieces } from './tar-build.ts';

const headerLength = 10;
const content = Buffer.concat([Buffer.alloc(1_500_000, 'slipway '), randomBytes(1_200_000)]);

const test = suite('layer/gzip');

/** Threads that were started, and have not ended. */
const alive = new Set<Worker>();
let started = 0;
process.on('worker', (worker: Worker) => {
  started++;
  alive.add(worker);
  worker.on('exit', () => alive.delete(worker));
});

async function noThreads(): Promise<void> {
  for (const worker of [...alive]) if (alive.has(worker)) await once(worker, 'exit');
  while (alive.size > 0) await turn();
}

const limits: GzipLimits[] = [
  { threads: 1 },
  { threads: 2, before: 0 },
  { threads: 3, before: 2 },
  { threads: 7, before: 0 },
];

test('the bytes depend neither on threads nor on how the source is cut', async () => {
  for (const level of [0, 1, 4, 9]) {
    const whole = await collect(gzipChunks(pieces(content), level));
    assert.ok(gunzipSync(whole).equals(content));
    assert.equal([...whole.subarray(0, headerLength)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    for (const [index, limit] of limits.entries()) {
      const size = [1 << 22, 99_999, blockSize, blockSize + 1][index];
      assert.ok((await collect(gzipChunks(pieces(content, size), level, limit))).equals(whole));
    }
  }
  assert.ok(started > 0);
  await noThreads();
});

test('a file gives the same bytes, also one that is still written to', async () => {
  await using folder = await makeTempDir(tmpdir(), 'gzip-');
  const path = join(folder.path, 'content');
  for (const length of [0, 2 * blockSize, content.length]) {
    const bytes = content.subarray(content.length - length);
    const whole = await collect(gzipChunks(pieces(bytes)));
    for (const limit of [{}, { threads: 1 }, { threads: 2, before: 0 }, { threads: 4, before: 1 }]) {
      const writer = await open(path, 'w');
      const growth = createFileGrowth(await open(path, 'r'));
      await using _file = growth.file;
      const read = collect(gzipFile(growth.file, undefined, limit));
      let written = 0;
      for await (const piece of pieces(bytes, 300_001)) {
        await writer.write(piece);
        written += piece.length;
        growth.grow(written);
        await turn();
      }
      growth.end();
      await writer.close();
      assert.ok((await read).equals(whole));
    }
  }
  await noThreads();
});

test('what ends the writing of a file early ends its gzip form', async () => {
  await using folder = await makeTempDir(tmpdir(), 'gzip-');
  const path = join(folder.path, 'content');
  await writeFile(path, content);
  const growth = createFileGrowth(await open(path, 'r'));
  await using _file = growth.file;
  growth.grow(blockSize + 1);
  const read = collect(gzipFile(growth.file, 1, { threads: 2, before: 0 })).catch((caught) => caught);
  await turn();
  growth.end(new Error('disk full'));
  assert.is(((await read) as Error).message, 'disk full');
  await noThreads();
});

test('what can not shrink is stored, and all else compressed', async () => {
  const random = randomBytes(2 * blockSize);
  const stored = await collect(gzipChunks(pieces(random)));
  assert.ok(stored.length < random.length * 1.0002);
  assert.ok(gunzipSync(stored).equals(random));
  // Random bytes that repeat, or that use fewer values, do shrink.
  const repeated = Buffer.alloc(blockSize, random.subarray(0, 20_000));
  assert.ok((await collect(gzipChunks(pieces(repeated)))).length < 50_000);
  const letters = Buffer.from(random.toString('hex').slice(0, blockSize));
  assert.ok((await collect(gzipChunks(pieces(letters)))).length < blockSize * 0.6);
});

test('other readers agree: gzip finds one member without damage', async () => {
  if (!requireFeature('gzip', !spawnSync('gzip', ['--version']).error)) return;
  const whole = await collect(gzipChunks(pieces(content), undefined, { threads: 2, before: 1 }));
  assert.is(spawnSync('gzip', ['-tv'], { input: whole }).status, 0);
  const read = spawnSync('zcat', { input: whole, maxBuffer: 1 << 26 });
  assert.ok(read.status === 0 && read.stdout.equals(content));
});

test('content of any size and kind comes back, also around the ends of blocks', async () => {
  const run = fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }), often: fc.nat(9000) });
  const near = fc.tuple(fc.nat(2), fc.integer({ min: -2, max: 2 }));
  await fc.assert(
    fc.asyncProperty(fc.array(run, { maxLength: 8 }), near, fc.nat(9), async (runs, [blocks, off], level) => {
      const tail = Buffer.concat(runs.map(({ bytes, often }) => Buffer.alloc(often, bytes)));
      const length = Math.max(0, blocks * blockSize + off);
      const whole = Buffer.alloc(length);
      for (let at = 0; at < length && tail.length > 0; at += tail.length) tail.copy(whole, at);
      const one = await collect(gzipChunks(pieces(whole, 70_001), level, { threads: 1 }));
      assert.ok(gunzipSync(one).equals(whole));
      assert.ok((await collect(gzipChunks(pieces(whole), level, { threads: 2, before: 1 }))).equals(one));
    }),
    { seed: 7, numRuns: 15 },
  );
  await noThreads();
});

test('blocks cost less than a hundredth of the size', async () => {
  // Words at random, some far more often than others, from a generator that gives the same each time.
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
  const words = Array.from({ length: 4000 }, () =>
    random()
      .toString(36)
      .slice(2, 4 + random() * 9),
  );
  const text = Buffer.from(
    Array.from({ length: 400_000 }, () => words[Math.floor(random() ** 3 * words.length)]).join(' '),
  );
  for (const level of [1, 4, 6]) {
    const size = (await collect(gzipChunks(pieces(text), level))).length;
    assert.ok(size < gzipSync(text, { level }).length * 1.01);
  }
});

test('the checksum of two runs follows from those of each', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 5000 }), (first, second) => {
      const both = crc32(Buffer.concat([first, second]));
      assert.is(combineCrc32(crc32(first), crc32(second), second.length), both);
    }),
    { seed: 1 },
  );
});

test('nothing compresses to a gzip stream of nothing', async () => {
  const empty = await collect(gzipChunks(pieces(Buffer.alloc(0))));
  assert.is(empty.length, 20);
  assert.is(gunzipSync(empty).length, 0);
});

test('an error of the source comes out, and leaves no thread', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield content;
    throw new Error('source broke');
  }
  const error = await collect(gzipChunks(failing(), 1, { threads: 2, before: 0 })).catch((caught) => caught);
  assert.is((error as Error).message, 'source broke');
  await noThreads();
});

test('an early end closes the source and leaves no thread, while another goes on with the same threads', async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield content;
    } finally {
      closed = true;
    }
  }
  const other = gzipChunks(pieces(content), 1, { threads: 2, before: 0 });
  const before = started;
  const copied = async (): Promise<Buffer> => Buffer.from((await other.next()).value as Buffer);
  const chunks = [await copied(), await copied()];
  let seen = 0;
  for await (const _ of gzipChunks(endless(), 1, { threads: 2, before: 0 })) if (++seen === 3) break;
  assert.ok(closed);
  assert.is(started - before, 2);
  for await (const chunk of other) chunks.push(Buffer.from(chunk));
  assert.ok(gunzipSync(Buffer.concat(chunks)).equals(content));
  await noThreads();
});

test('a thread that dies changes nothing', async () => {
  const whole = await collect(gzipChunks(pieces(content), 1));
  const chunks: Buffer[] = [];
  for await (const chunk of gzipChunks(pieces(content), 1, { threads: 2, before: 0 })) {
    chunks.push(Buffer.from(chunk));
    for (const worker of alive) await worker.terminate();
  }
  assert.ok(Buffer.concat(chunks).equals(whole));
  await noThreads();
});

test.run();
