// Compressed forms, read strictly.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { decompress, detectCompression } from '../../src/layer/decompress.ts';
import { createUnpackBudget, createUnpackCounter } from '../../src/layer/unpack-limits.ts';
import { requireFeature } from '../support/require-feature.ts';
import { collect, pieces } from './tar-build.ts';

const { signal } = new AbortController();
const content = Buffer.concat([Buffer.alloc(1_500_000, 'slipway '), randomBytes(1_200_000)]);

const test = suite('layer/decompress');

async function refusal(bytes: Buffer, size?: number): Promise<void> {
  try {
    await collect(decompress(pieces(bytes, size), signal));
  } catch (error) {
    assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
    return;
  }
  throw new Error('was not refused');
}

test('plain, gzip, and gzip of several members are read, however they are cut', async () => {
  const members = Buffer.concat([gzipSync(content.subarray(0, 1000)), gzipSync(content.subarray(1000))]);
  for (const size of [1, 700, 1 << 20]) {
    const short = members.subarray(0, 1);
    assert.equal(await collect(decompress(pieces(short, size), signal)), short);
    if (size > 1) assert.ok((await collect(decompress(pieces(members, size), signal))).equals(content));
  }
  const small = Buffer.concat([gzipSync('a'), gzipSync('b')]);
  assert.is((await collect(decompress(pieces(small, 1), signal))).toString(), 'ab');
  assert.is(
    (await collect(decompress(pieces(Buffer.concat([small, Buffer.alloc(700)]), 30), signal))).toString(),
    'ab',
  );
  assert.is((await collect(decompress(pieces(Buffer.alloc(0)), signal))).length, 0);
});

test('gzip that is cut short, damaged or followed by something is refused', async () => {
  const good = gzipSync(content);
  await refusal(good.subarray(0, -1));
  await refusal(good.subarray(0, 50));
  await refusal(Buffer.concat([good, Buffer.from('garbage')]));
  await refusal(Buffer.concat([good, Buffer.alloc(600), Buffer.from('garbage')]), 1000);
  await refusal(Buffer.concat([good, gzipSync('more').subarray(0, -4)]));
  const damaged = Buffer.from(good);
  damaged[damaged.length - 5]! ^= 1;
  await refusal(damaged);
});

for (const command of ['zstd', 'xz', 'bzip2']) {
  test(`${command} is read through its command, and damage is refused`, async () => {
    if (!requireFeature(command, !spawnSync(command, ['--version'], { input: '' }).error)) return;
    const packed = execFileSync(command, ['-c', '-1'], { input: content, maxBuffer: 1 << 26 });
    assert.is(detectCompression(packed), command);
    assert.ok((await collect(decompress(pieces(packed, 10_000), signal))).equals(content));
    await refusal(packed.subarray(0, -20));
    await refusal(Buffer.concat([packed, Buffer.from('garbage garbage')]));
  });
}

test('an error of the source comes out as it is, and an abort with its reason', async () => {
  const packed = [gzipSync(content)];
  if (!spawnSync('zstd', ['--version']).error) {
    packed.push(execFileSync('zstd', ['-c', '-1'], { input: content, maxBuffer: 1 << 26 }));
  }
  for (const bytes of packed) {
    const broken = new Error('source broke');
    async function* failing(): AsyncGenerator<Buffer> {
      yield bytes.subarray(0, 400_000);
      throw broken;
    }
    assert.is(await collect(decompress(failing(), signal)).catch((error: unknown) => error), broken);
    const controller = new AbortController();
    const reason = new Error('enough');
    let closed = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        yield bytes.subarray(0, 400_000);
        controller.abort(reason);
        yield bytes.subarray(400_000);
      } finally {
        closed = true;
      }
    }
    assert.is(
      await collect(decompress(endless(), controller.signal)).catch((error: unknown) => error),
      reason,
    );
    assert.ok(closed);
  }
});

test('what unpacks to more than a limit ends there', async () => {
  const bomb = gzipSync(Buffer.alloc(50 << 20));
  const counted = async (bytes: Buffer, limits: string): Promise<number> => {
    let came = 0;
    try {
      const counter = createUnpackCounter(createUnpackBudget(limits));
      for await (const chunk of decompress(pieces(bytes, 1000), signal, counter)) came += chunk.length;
    } catch (error) {
      assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
      assert.match(error.hint ?? '', /SLIPWAY_LIMITS=(layer|total)=/);
      assert.ok(came <= 1 << 20, `${came} bytes came`);
      return -1;
    }
    return came;
  };
  assert.is(await counted(bomb, 'layer=1m'), -1);
  assert.is(await counted(bomb, 'layer=none,total=1m'), -1);
  assert.is(await counted(bomb, ''), 50 << 20);
  assert.is(await counted(Buffer.alloc(2 << 20), 'layer=1m'), -1, 'no compression is one, too');
  if (requireFeature('zstd', spawnSync('zstd', ['--version']).status === 0)) {
    const packed = execFileSync('zstd', ['-c'], { input: Buffer.alloc(50 << 20), maxBuffer: 1 << 26 });
    assert.is(await counted(packed, 'layer=1m'), -1);
  }
});

test('damage is told as such while the source still has more', async () => {
  const bytes = gzipSync(randomBytes(200_000));
  bytes.fill(0xff, 1000, 1200);
  async function* slow(): AsyncGenerator<Buffer> {
    for await (const piece of pieces(bytes, 500)) {
      await new Promise(setImmediate);
      yield piece;
    }
  }
  for (let round = 0; round < 20; round++) {
    const error = await collect(decompress(slow(), signal)).catch((caught: unknown) => caught);
    assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
  }
});

test.run();
