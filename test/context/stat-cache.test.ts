import {
  type BigIntStats,
  existsSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStatCache, type StatCache } from '../../src/context/stat-cache.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('stat-cache');

/** A cache as a build opens it, some minutes after the files were written where no time is given. */
function open(
  dir: TempDir,
  now = Date.now() + 600_000,
): StatCache & { reads: string[]; of(name: string): Digest } {
  const cache = createStatCache({
    file: dir.file('cache'),
    directory: dir.path,
    tmp: dir.path,
    now: () => now,
  });
  const reads: string[] = [];
  return {
    ...cache,
    reads,
    of(name) {
      const path = dir.file(name);
      return cache.digest(path, lstatSync(path, { bigint: true }), () => {
        reads.push(name);
        return digestOf(readFileSync(path));
      });
    },
  };
}

test('an unchanged file is read once, also by a later build', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('a'), 'a');
  const first = open(dir);
  assert.is(first.of('a'), digestOf('a'));
  assert.is(first.of('a'), digestOf('a'));
  assert.equal(first.reads, ['a']);
  await first.save();
  const second = open(dir);
  assert.is(second.of('a'), digestOf('a'));
  assert.equal(second.reads, []);
});

test('a change that keeps size and mtime is seen', async () => {
  await using dir = await tempDir();
  const write = (text: string): bigint => {
    writeFileSync(dir.file('a'), text);
    utimesSync(dir.file('a'), 1000, 1000);
    return lstatSync(dir.file('a'), { bigint: true }).ctimeNs;
  };
  const before = write('one');
  const first = open(dir);
  first.of('a');
  await first.save();
  // A kernel's clock of files may stand still for some milliseconds.
  while (write('two') === before) await new Promise((resolve) => setImmediate(resolve));
  assert.is(open(dir).of('a'), digestOf('two'));
});

test('a file that may still change within one tick of the clock is not remembered', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('a'), 'a');
  const real = lstatSync(dir.file('a'), { bigint: true });
  const remembers = async (changed: bigint, now: number): Promise<boolean> => {
    const stat = Object.assign({ ...real }, { mtimeNs: changed, ctimeNs: changed }) as BigIntStats;
    const cache = open(dir, now);
    cache.digest(dir.file('a'), stat, () => digestOf('a'));
    await cache.save();
    const written = existsSync(dir.file('cache'));
    rmSync(dir.file('cache'), { force: true });
    return written;
  };
  const second = 1_700_000_000_000;
  const fine = BigInt(second) * 1_000_000n + 1n;
  assert.not(await remembers(fine, second + 50));
  assert.not(await remembers(fine - 1n, second + 2_499));
  assert.ok(await remembers(fine, second + 51));
  assert.ok(await remembers(fine - 1n, second + 2_500));
});

test('nothing is written where nothing is new; what this build did not look at is kept', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('a'), 'a');
  writeFileSync(dir.file('b'), 'b');
  const first = open(dir);
  first.of('a');
  first.of('b');
  await first.save();
  const { ino } = statSync(dir.file('cache'));
  const second = open(dir);
  second.of('a');
  await second.save();
  assert.is(statSync(dir.file('cache')).ino, ino);
  writeFileSync(dir.file('c'), 'c');
  const third = open(dir);
  third.of('c');
  await third.save();
  const fourth = open(dir);
  for (const name of ['a', 'b', 'c']) fourth.of(name);
  assert.equal(fourth.reads, []);
});

test('a cache that is torn or not ours is empty', async () => {
  await using dir = await tempDir();
  writeFileSync(dir.file('a'), 'a');
  const first = open(dir);
  first.of('a');
  await first.save();
  const text = readFileSync(dir.file('cache'), 'utf8');
  for (const damaged of [text.slice(0, -1), text.replace(/[0-9a-f]\0$/, 'x\0'), '', 'other 1 x\n']) {
    writeFileSync(dir.file('cache'), damaged);
    const again = open(dir);
    assert.is(again.of('a'), digestOf('a'));
    assert.equal(again.reads, ['a']);
  }
});

test('names with odd characters are names', async () => {
  await using dir = await tempDir();
  for (const name of ['a\nb', 'ä', ' ']) writeFileSync(dir.file(name), name);
  const first = open(dir);
  for (const name of ['a\nb', 'ä', ' ']) first.of(name);
  await first.save();
  const second = open(dir);
  for (const name of ['a\nb', 'ä', ' ']) assert.is(second.of(name), digestOf(name));
  assert.equal(second.reads, []);
});

test.run();
