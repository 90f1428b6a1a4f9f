// What readTar understands of archives of every make, and what it refuses.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError, type SlipwayError } from '../../src/errors.ts';
import { type ReadTarOptions, readTar, type TarEntry } from '../../src/layer/tar-reader.ts';
import { requireFeature } from '../support/require-feature.ts';
import { collect, paxHeader, pieces, type RawEntry, rawEntry, rawTar } from './tar-build.ts';

type Read = Omit<TarEntry, 'body' | 'buffered'> & { content: Buffer };

async function readAll(bytes: Buffer, size?: number, limits?: ReadTarOptions['limits']): Promise<Read[]> {
  const entries: Read[] = [];
  for await (const entry of readTar(pieces(bytes, size), limits ? { limits } : {})) {
    const { body, buffered, ...rest } = entry;
    entries.push({ ...rest, content: buffered() ?? (await collect(body())) });
  }
  return entries;
}

async function one(entry: RawEntry): Promise<Read> {
  const entries = await readAll(rawTar(entry));
  assert.is(entries.length, 1);
  return entries[0]!;
}

async function refusal(bytes: Buffer, limits?: ReadTarOptions['limits']): Promise<SlipwayError> {
  try {
    await readAll(bytes, undefined, limits);
  } catch (error) {
    assert.ok(isSlipwayError(error), String(error));
    assert.is(error.code, 'ERR_BAD_ARCHIVE');
    return error;
  }
  throw new Error('was not refused');
}

const test = suite('layer/tar-reader');

test('cutting the stream anywhere changes nothing', async () => {
  const bytes = rawTar(
    { name: 'a', body: 'hello' },
    {
      name: 'short',
      pax: { path: 'long/'.repeat(60), 'SCHILY.xattr.user.x': Buffer.of(0, 255, 10) },
      type: '5',
    },
    { name: 'b', body: Buffer.alloc(1025, 1) },
  );
  const whole = await readAll(bytes);
  for (const size of [1, 7, 511, 512, 513, 1000]) assert.equal(await readAll(bytes, size), whole);
  assert.equal(whole[1]!.xattrs, { 'user.x': Buffer.of(0, 255, 10) });
  assert.is(whole[1]!.path, 'long/'.repeat(60));
});

test('content that is not read is skipped', async () => {
  const bytes = rawTar({ name: 'a', body: Buffer.alloc(3000) }, { name: 'b', body: 'x' });
  const names: string[] = [];
  for await (const entry of readTar(pieces(bytes, 600))) {
    names.push(entry.path);
    for await (const _ of entry.body()) break;
  }
  assert.equal(names, ['a', 'b']);
});

test('numbers are octal or base-256', async () => {
  const big = (value: bigint, length: number) => (header: Buffer, at: number) => {
    for (let index = 0; index < length; index++) {
      header[at + length - 1 - index] = Number((value >> BigInt(8 * index)) & 0xffn);
    }
    header[at]! |= 0x80;
  };
  const entry = await one({ name: 'a', patch: (header) => big(3_000_000n, 8)(header, 108) });
  assert.is(entry.uid, 3_000_000);
  const old = await one({ name: 'a', patch: (header) => big((1n << 96n) - 5n, 12)(header, 136) });
  assert.is(old.mtime, -5_000_000_000n);
  await refusal(rawTar({ name: 'a', patch: (header) => big((1n << 96n) - 5n, 12)(header, 124) }));
  await refusal(rawTar({ name: 'a', patch: (header) => big(1n << 80n, 12)(header, 124) }));
  await refusal(rawTar({ name: 'a', patch: (header) => header.write('0000009', 108) }));
});

test('PAX records override the header, global ones too, and empty ones do not', async () => {
  const bytes = rawTar(
    paxHeader({ uid: '7', gid: '8' }, 'g'),
    { name: 'a', pax: { uid: '2097152', mtime: '-1.5', linkpath: 'to/ü' }, type: '2' },
    { name: 'b', pax: { path: '', mtime: '1700000000.123456789999' } },
  );
  const [a, b] = await readAll(bytes);
  assert.is(a!.uid, 2_097_152);
  assert.is(a!.gid, 8);
  assert.is(a!.mtime, -1_500_000_000n);
  assert.is(a!.linkName, 'to/ü');
  assert.is(b!.path, 'b');
  assert.is(b!.uid, 7);
  assert.is(b!.mtime, 1_700_000_000_123_456_789n);
});

test('names keep their bytes, in headers and records', async () => {
  const raw = Buffer.of(0x61, 0xff, 0x62);
  assert.is((await one({ name: raw })).path, 'a\uDCFFb');
  assert.is((await one({ name: 'x', pax: { path: raw } })).path, 'a\uDCFFb');
});

test('GNU long names and links, v7 directories and prefixes are understood', async () => {
  const long = 'n'.repeat(300);
  const bytes = rawTar(
    { name: '././@LongLink', type: 'L', body: `${long}\0` },
    { name: '././@LongLink', type: 'K', body: `${long}k\0` },
    { name: 'short', type: '2', link: 'short' },
    { name: 'next' },
    { name: 'dir/', type: '\0', patch: (header) => header.fill(0, 257, 512) },
    { name: 'base', patch: (header) => header.write('pre/fix', 345) },
  );
  const entries = await readAll(bytes);
  assert.equal(
    entries.map(({ path, type }) => [path, type]),
    [
      [long, 'symlink'],
      ['next', 'file'],
      ['dir/', 'dir'],
      ['pre/fix/base', 'file'],
    ],
  );
  assert.is(entries[0]!.linkName, `${long}k`);
});

test('sparse files in each format of GNU tar come out whole', async () => {
  if (!requireFeature('GNU tar', /GNU tar/.test(spawnSync('tar', ['--version']).stdout?.toString() ?? '')))
    return;
  const directory = mkdtempSync(join(tmpdir(), 'slipway-sparse-'));
  try {
    const path = join(directory, 'file');
    const content = Buffer.alloc(3_000_000);
    writeFileSync(path, '');
    truncateSync(path, content.length);
    const fd = openSync(path, 'r+');
    for (let index = 0; index < 30; index++) {
      content.write(`part ${index}`, index * 98_304 + 5);
      writeSync(fd, `part ${index}`, index * 98_304 + 5);
    }
    closeSync(fd);
    const formats = [
      ['--format=gnu'],
      ...['0.0', '0.1', '1.0'].map((version) => ['--format=posix', `--sparse-version=${version}`]),
    ];
    for (const format of formats) {
      const args = ['-S', '--hole-detection=raw', ...format, '-C', directory, '-cf', '-', 'file'];
      const bytes = execFileSync('tar', args, { maxBuffer: 1 << 26 });
      assert.ok(bytes.length < 1_000_000, 'tar made it sparse');
      for (const size of [undefined, 700]) {
        const [entry] = await readAll(bytes, size);
        assert.is(entry!.path, 'file', format.join(' '));
        assert.is(entry!.size, content.length);
        assert.ok(entry!.content.equals(content), format.join(' '));
      }
      await refusal(bytes, { sparse: 1000 });
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a sparse map that does not fit is refused', async () => {
  const sparse = (map: string, realsize = '100') =>
    rawTar({ name: 'a', body: 'xx', pax: { 'GNU.sparse.map': map, 'GNU.sparse.size': realsize } });
  assert.equal((await readAll(sparse('3,2')))[0]!.content.subarray(0, 6), Buffer.from('\0\0\0xx\0'));
  for (const map of ['3,1', '99,2', '1,1,0,1', '1', 'a,b', '-1,2']) await refusal(sparse(map));
  await refusal(sparse('0,2', '99999999999999999'));
});

test('damage is refused', async () => {
  const good = rawTar({ name: 'a', body: Buffer.alloc(2000, 1) });
  await refusal(rawTar({ name: 'a', checksumError: 1 }));
  await refusal(good.subarray(0, 700));
  await refusal(good.subarray(0, 2600 - 100));
  await refusal(good.subarray(0, 300));
  await refusal(rawEntry({ name: '././@LongLink', type: 'L', body: 'x' }));
  await refusal(rawTar({ name: 'a', type: 'Z' }));
  await refusal(rawTar({ name: 'x', type: 'x', body: 'no records' }));
  await refusal(rawTar({ name: 'x', type: 'x', body: '99 path=short\n' }));
  await refusal(rawTar({ name: 'a', pax: { path: 'a\0b' } }));
  await refusal(rawTar({ name: 'a', pax: { uid: '-1' } }));
  await refusal(rawTar({ name: 'a', pax: { size: 'x' } }));
  await refusal(rawTar({ name: 'x', type: 'x', size: 2 ** 32 }));
  assert.match(
    (await refusal(rawTar({ name: 'x', type: 'L', body: Buffer.alloc(2000) }), { header: 1000 })).message,
    'limit',
  );
});

test('an archive may end without its closing blocks, and padding is read to its end', async () => {
  assert.is((await readAll(rawEntry({ name: 'a' }))).length, 1);
  assert.is((await readAll(Buffer.alloc(0))).length, 0);
  let read = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of pieces(Buffer.alloc(100_000), 512)) {
      read += chunk.length;
      yield chunk;
    }
  }
  for await (const _ of readTar(counted())) throw new Error('no entries here');
  assert.is(read, 100_000);
});

test('an abort stops it with its reason', async () => {
  const controller = new AbortController();
  const bytes = rawTar({ name: 'a', body: Buffer.alloc(5000) }, { name: 'b' });
  const reason = new Error('enough');
  try {
    for await (const _ of readTar(pieces(bytes, 512), { signal: controller.signal }))
      controller.abort(reason);
    throw new Error('went on');
  } catch (error) {
    assert.is(error, reason);
  }
});

test('damaged and random bytes give nothing but ERR_BAD_ARCHIVE', async () => {
  const good = rawTar(
    { name: 'a', body: 'hello', pax: { path: 'long', 'GNU.sparse.map': '0,5', 'GNU.sparse.size': '9' } },
    { name: 'b', type: '5' },
    { name: 'c', type: 'S', body: Buffer.alloc(512) },
  );
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 });
  const random = fc.uint8Array({ maxLength: 2000 });
  const check = async (bytes: Buffer): Promise<void> => {
    try {
      await readAll(bytes, 777, { sparse: 1 << 20 });
    } catch (error) {
      assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
    }
  };
  await fc.assert(
    fc.asyncProperty(damage, fc.boolean(), async (places, resum) => {
      const bytes = Buffer.from(good);
      for (const [at, byte] of places) bytes[at] = byte;
      if (resum)
        for (let at = 0; at + 512 <= bytes.length; at += 512) fixChecksum(bytes.subarray(at, at + 512));
      await check(bytes);
    }),
    { numRuns: 1500, seed: 3 },
  );
  await fc.assert(
    fc.asyncProperty(random, (bytes) => check(Buffer.from(bytes))),
    { numRuns: 200, seed: 4 },
  );
});

function fixChecksum(block: Buffer): void {
  if (block.toString('latin1', 257, 262) !== 'ustar') return;
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

test('headers in front of one entry are limited together, and those for all entries, too', async () => {
  const record = (at: number): Buffer => paxHeader({ [`comment.${at}`]: 'x'.repeat(400) });
  const many = Array.from({ length: 10 }, (_, at) => record(at));
  assert.is(
    (await readAll(rawTar(...many.slice(0, 5), { name: 'a' }), undefined, { header: 3000 })).length,
    1,
  );
  await refusal(rawTar(...many, { name: 'a' }), { header: 3000 });
  // What one entry has used up, the next has again.
  const pairs = many.flatMap((header, at) => [header, { name: `${at}` }]);
  assert.is((await readAll(rawTar(...pairs), undefined, { header: 3000 })).length, 10);
  const all = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, 'x']));
  assert.is((await readAll(rawTar(paxHeader(all(200), 'g'), { name: 'a' }))).length, 1);
  await refusal(rawTar(paxHeader(all(300), 'g'), { name: 'a' }));
  await refusal(rawTar(...many.map((_, at) => paxHeader({ a: `${at}`.repeat(500) }, 'g')), { name: 'a' }), {
    header: 3000,
  });
});

test('entries and what sparse files expand to are counted, and a hint says how to raise the limit', async () => {
  const sparse = (name: string): RawEntry => ({
    name,
    body: 'xx',
    pax: { 'GNU.sparse.map': '3,2', 'GNU.sparse.size': '1000' },
  });
  const bytes = rawTar(sparse('a'), sparse('b'));
  assert.is((await readAll(bytes, undefined, { sparse: 2000 })).length, 2);
  assert.match((await refusal(bytes, { sparse: 1999 })).hint ?? '', 'SLIPWAY_LIMITS=sparse');
  assert.is((await readAll(bytes, undefined, { entries: 2 })).length, 2);
  assert.match((await refusal(bytes, { entries: 1 })).hint ?? '', 'SLIPWAY_LIMITS=entries');
});

test('a map in front of the data may be cut anywhere, and has numbers alone', async () => {
  const extents = Array.from({ length: 300 }, (_, at) => [at * 1000, 1]).flat();
  const text = [300, ...extents].map((number) => `${number}\n`).join('');
  const map = Buffer.alloc(Math.ceil(text.length / 512) * 512);
  map.write(text);
  const pax = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '300000' };
  const body = Buffer.concat([map, Buffer.alloc(300, 7)]);
  const [entry] = await readAll(rawTar({ name: 'a', body, pax }), 700);
  assert.is(entry!.content.length, 300_000);
  assert.is(entry!.content[299_000], 7);
  assert.is(entry!.content[299_001], 0);
  await refusal(rawTar({ name: 'a', body: Buffer.alloc(2048, '1'), pax }));
  await refusal(rawTar({ name: 'a', body: Buffer.alloc(2048, '1\n'), pax }));
});

test('an entry has no more attributes than Linux can list', async () => {
  const attributes = (count: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`SCHILY.xattr.user.${'n'.repeat(200)}${at}`, '']),
    );
  assert.is(Object.keys((await one({ name: 'a', pax: attributes(300) })).xattrs).length, 300);
  await refusal(rawTar({ name: 'a', pax: attributes(320) }));
});

test('a directory of old has the content that its header says, as others skip it', async () => {
  const old = (header: Buffer): void => void header.fill(0, 257, 512);
  const entries = await readAll(
    rawTar(
      { name: 'd/', type: '\0', body: 'x'.repeat(600), patch: old },
      { name: 'short', type: '\0', pax: { path: 'long/' } },
      { name: 'b' },
    ),
  );
  assert.equal(
    entries.map(({ path, type, size }) => [path, type, size]),
    [
      ['d/', 'dir', 0],
      ['long/', 'dir', 0],
      ['b', 'file', 0],
    ],
  );
});

test.run();
