// Zstandard forms: the same bytes however the source is cut, and what the reader gets back.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { zstdChunks } from '../../src/layer/compress-zstd.ts';
import { decompress } from '../../src/layer/decompress.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram } from '../support/run-command.ts';
import { collect, pieces } from './tar-build.ts';

const { signal } = new AbortController();
const content = Buffer.concat([Buffer.alloc(9_500_000, 'slipway '), randomBytes(1_200_000)]);
const hasZstd = 'zstdCompress' in zlib || findProgram('zstd') !== undefined;

const test = suite('layer/compress-zstd');

test('bytes do not depend on how the source is cut, and unpack to it', async () => {
  if (!requireFeature('zstd', hasZstd)) return;
  const whole = await collect(zstdChunks(pieces(content), { signal }));
  assert.ok(whole.length < content.length / 4);
  assert.ok((await collect(zstdChunks(pieces(content, 77_777), { signal }))).equals(whole));
  assert.ok((await collect(decompress(pieces(whole), signal))).equals(content));
});

test('the zstd command finds nothing wrong with it', async () => {
  if (!requireFeature('zstd', findProgram('zstd') !== undefined)) return;
  const whole = await collect(zstdChunks(pieces(content), { signal }));
  assert.is(spawnSync('zstd', ['-tq'], { input: whole }).status, 0);
});

test('levels 0 to 22 are taken, 0 for the default', async () => {
  if (!requireFeature('zstd', hasZstd)) return;
  const small = content.subarray(-100_000);
  const at = (level?: number): Promise<Buffer> => collect(zstdChunks(pieces(small), { level, signal }));
  assert.ok((await at(0)).equals(await at()));
  for (const level of [1, 22])
    assert.ok((await collect(decompress(pieces(await at(level)), signal))).equals(small));
  assert.ok((await collect(zstdChunks(pieces(Buffer.alloc(0)), { signal }))).length > 0);
});

test("the source's own error comes out, and an abort ends it", async () => {
  if (!requireFeature('zstd', hasZstd)) return;
  async function* broken(): AsyncGenerator<Buffer, void> {
    yield Buffer.alloc(100_000);
    throw new Error('torn');
  }
  await collect(zstdChunks(broken(), { signal })).then(
    () => assert.unreachable('it ended well'),
    (error) => assert.is((error as Error).message, 'torn'),
  );
  const stop = new AbortController();
  async function* endless(): AsyncGenerator<Buffer, void> {
    for (let count = 0; ; count++) {
      stop.signal.throwIfAborted();
      if (count === 50) stop.abort(new Error('enough'));
      yield randomBytes(100_000);
    }
  }
  await collect(zstdChunks(endless(), { signal: stop.signal })).then(
    () => assert.unreachable('it ended well'),
    (error) => assert.is((error as Error).message, 'enough'),
  );
});

test.run();
