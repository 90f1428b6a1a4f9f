import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLease, deadLeases, othersAtWork, sweepAlone, sweepLeases } from '../../src/fs/lease.ts';
import { ownIdentity } from '../../src/fs/process-identity.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('lease');
const never = new AbortController().signal;
const hourAgo = (): Date => new Date(Date.now() - 3600_000);

function oldFile(path: string): number {
  writeFileSync(path, 'x');
  utimesSync(path, hourAgo(), hourAgo());
  return statSync(path).mtimeMs;
}

test('without a lease everything may be deleted; with one only what was last used before it', async () => {
  await using dir = await tempDir();
  assert.is(await sweepAlone(dir.path, never, async (cutoff) => cutoff), Number.POSITIVE_INFINITY);
  const before = Date.now();
  {
    await using lease = createLease(dir.path);
    await lease.hold();
    const cutoff = await sweepAlone(dir.path, never, async (time) => time);
    assert.ok(cutoff <= Date.now() && cutoff > before - 10_000);
  }
  assert.equal(readdirSync(join(dir.path, 'leases-v1')), []);
  assert.is(await sweepAlone(dir.path, never, async (cutoff) => cutoff), Number.POSITIVE_INFINITY);
});

test('a lease that is never held leaves nothing', async () => {
  await using dir = await tempDir();
  await createLease(dir.path)[Symbol.asyncDispose]();
  assert.equal(readdirSync(dir.path), []);
});

test('what is used becomes younger than the lease', async () => {
  await using dir = await tempDir();
  await using lease = createLease(dir.path);
  const file = dir.file('blob');
  assert.ok(await lease.use(file, oldFile(file)));
  const cutoff = await sweepAlone(dir.path, never, async (time) => time);
  assert.ok(statSync(file).mtimeMs > cutoff);
});

test('the oldest of several leases counts', async () => {
  await using dir = await tempDir();
  await using first = createLease(dir.path);
  await first.hold();
  const alone = await sweepAlone(dir.path, never, async (cutoff) => cutoff);
  await using second = createLease(dir.path);
  await second.hold();
  assert.is(await sweepAlone(dir.path, never, async (cutoff) => cutoff), alone);
});

test('what a sweep deletes while it is being used is reported as gone', async () => {
  await using dir = await tempDir();
  await using lease = createLease(dir.path);
  await lease.hold();
  const file = dir.file('blob');
  const seen = oldFile(file);
  let using!: Promise<boolean>;
  await sweepAlone(dir.path, never, async () => {
    let settled = false;
    using = lease.use(file, seen).finally(() => {
      settled = true;
    });
    await Promise.race([using, new Promise((done) => setTimeout(done, 20))]);
    assert.not.ok(settled, 'the sweep is not waited for');
    rmSync(file);
  });
  assert.is(await using, false);
});

test('who begins during a sweep waits for its end', async () => {
  await using dir = await tempDir();
  await using lease = createLease(dir.path);
  let swept = false;
  let held!: Promise<void>;
  await sweepAlone(dir.path, never, async () => {
    held = lease.hold().then(() => assert.ok(swept));
    await Promise.race([held, new Promise((done) => setTimeout(done, 20))]);
    swept = true;
  });
  await held;
});

test('the lease of a process that died counts for nothing, tells of its death, and goes when that was seen to', async () => {
  await using dir = await tempDir();
  const folder = dir.file('leases-v1');
  mkdirSync(folder);
  const dead = { ...ownIdentity(), start: '1', since: 5 };
  writeFileSync(join(folder, 'lease.1.a'), JSON.stringify(dead));
  assert.is(await sweepAlone(dir.path, never, async (cutoff) => cutoff), Number.POSITIVE_INFINITY);
  assert.equal(deadLeases(dir.path), [join(folder, 'lease.1.a')]);
  assert.not.ok(othersAtWork(dir.path));
  sweepLeases(deadLeases(dir.path));
  assert.not.ok(existsSync(join(folder, 'lease.1.a')));
});

test('a lease from before the clock was set back keeps everything', async () => {
  await using dir = await tempDir();
  mkdirSync(dir.file('leases-v1'));
  const own = { ...ownIdentity(), since: Date.now() + 3600_000 };
  writeFileSync(dir.file('leases-v1', 'lease.1.a'), JSON.stringify(own));
  assert.is(await sweepAlone(dir.path, never, async (cutoff) => cutoff), Number.NEGATIVE_INFINITY);
});

test("another machine's lease counts as long as it is touched", async () => {
  await using dir = await tempDir();
  const folder = dir.file('leases-v1');
  mkdirSync(folder);
  const file = join(folder, 'lease.1.a');
  writeFileSync(file, JSON.stringify({ pid: 1, start: '1', space: 'elsewhere', since: 5000 }));
  assert.is(await sweepAlone(dir.path, never, async (cutoff) => cutoff), 3000);
  utimesSync(file, hourAgo(), hourAgo());
  assert.is(await sweepAlone(dir.path, never, async (cutoff) => cutoff), Number.POSITIVE_INFINITY);
});

test.run();
