// clampTimes: late times become the epoch, and nothing else changes.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { clampTimes } from '../../src/layer/clamp-times.ts';
import { readTar } from '../../src/layer/tar-reader.ts';
import { packLayer } from '../../src/layer/tar-writer.ts';
import type { LayerEntry } from '../../src/seams.ts';
import { collect, paxHeader, pieces, rawEntry, rawTar } from './tar-build.ts';

const test = suite('layer/clamp-times');
const clamp = (tar: Buffer, epoch: number, size?: number): Promise<Buffer> =>
  collect(clampTimes(pieces(tar, size), epoch));

function entry(path: string, mtime: bigint, content: Buffer): LayerEntry {
  return {
    kind: 'entry',
    path,
    stat: {
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: content.length,
      mtime,
      major: 0,
      minor: 0,
      link: '',
    },
    linkTarget: '',
    hardLinkTo: undefined,
    xattrs: {},
    content,
  };
}

async function times(tar: Buffer): Promise<bigint[]> {
  const found: bigint[] = [];
  for await (const one of readTar(pieces(tar))) found.push(one.mtime);
  return found;
}

const second = 1_000_000_000n;

// Years before 1970 and after 2242 need a PAX header.
const anyTime = fc.oneof(
  fc.bigInt({ min: -100n, max: 2_000_000_000n }),
  fc.bigInt({ min: 8_589_934_500n, max: 8_589_934_700n }),
);

test('a packed layer comes out as it is packed with that epoch, however it is cut', async () => {
  const files = fc.uniqueArray(
    fc.record({
      path: fc.oneof(
        fc.stringMatching(/^[a-z]{1,8}$/),
        fc.stringMatching(/^[a-zé]{1,8}$/),
        fc.stringMatching(/^[a-z]{110,120}$/),
      ),
      mtime: anyTime,
      size: fc.integer({ min: 0, max: 3000 }),
    }),
    { maxLength: 8, selector: ({ path }) => path },
  );
  await fc.assert(
    fc.asyncProperty(
      files,
      fc.integer({ min: 0, max: 2_000_000_000 }),
      fc.integer({ min: 1, max: 4000 }),
      async (list, epoch, cut) => {
        const entries = list.map(({ path, mtime, size }) =>
          entry(path, mtime * second, Buffer.alloc(size, path)),
        );
        const clamped = await clamp(await collect(packLayer(entries)), epoch, cut);
        assert.ok(clamped.equals(await collect(packLayer(entries, { epoch }))));
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});

test('what others wrote keeps all but its late times', async () => {
  const late = '00000001000';
  const tar = rawTar(
    { name: 'old', mtime: '00000000012', body: 'a' },
    { name: 'link', type: '2', link: 'old', mtime: late, size: 77 },
    { name: 'dir/', type: '5', mtime: late },
    { name: 'fraction', pax: { mtime: '100.5', comment: 'kept', atime: '7', ctime: '999' }, body: 'bb' },
    { name: 'early', pax: { mtime: '99.25' }, body: 'c' },
    rawEntry({ name: '././@LongLink', type: 'L', body: `${'long/'.repeat(30)}name\0` }),
    { name: 'long/', mtime: late, body: 'd' },
  );
  const clamped = await clamp(tar, 100);
  assert.equal(
    await times(clamped),
    [10n, 100n, 100n, 100n, 99n, 100n].map(toNanoseconds(99n, 250_000_000n)),
  );
  const text = clamped.toString('latin1');
  assert.match(text, 'comment=kept');
  assert.match(text, 'atime=7');
  assert.not.match(text, 'ctime=999');
  assert.not.match(text, 'mtime=100.5');
  assert.ok((await clamp(clamped, 100)).equals(clamped), 'a second time changes nothing');
  assert.ok((await clamp(tar, 2_000_000_000)).equals(tar), 'a late epoch changes nothing');
});

function toNanoseconds(exact: bigint, rest: bigint): (seconds: bigint) => bigint {
  return (seconds) => seconds * second + (seconds === exact ? rest : 0n);
}

test('content that looks like a header, and what follows the end, pass', async () => {
  const inner = rawTar({ name: 'inner', mtime: '00000001000', body: 'x' });
  const tar = Buffer.concat([
    rawTar({ name: 'outer', body: inner }),
    Buffer.alloc(10_240),
    Buffer.from('tail'),
  ]);
  assert.ok((await clamp(tar, 100, 511)).equals(tar));
  assert.ok((await clamp(Buffer.alloc(1024), 100)).equals(Buffer.alloc(1024)));
});

test('the size of a big file is taken from its PAX header', async () => {
  const body = Buffer.alloc(1024, rawEntry({ name: 'no header', mtime: '00000001000' }));
  const tar = rawTar(Buffer.concat([paxHeader({ size: '1024' }), rawEntry({ name: 'big', size: 0 }), body]), {
    name: 'after',
    mtime: '00000001000',
  });
  const clamped = await clamp(tar, 100);
  assert.equal(await times(clamped), [10n * second, 100n * second]);
  assert.ok(clamped.includes(body));
});

test('what is cut short or no tar is refused', async () => {
  const tar = rawTar({ name: 'a', body: 'content' }, { name: 'b', pax: { mtime: '5' }, body: 'more' });
  for (const bytes of [
    tar.subarray(0, 600),
    tar.subarray(0, 700),
    tar.subarray(0, 1300),
    Buffer.concat([paxHeader({ mtime: 'soon' }), rawEntry({ name: 'x' })]),
    rawEntry({ name: 'pax', type: 'x', body: '999 mtime=1\n' }),
    rawEntry({ name: 'pax', type: 'x', body: '0 a=b\n' }),
    rawEntry({ name: 'pax', type: 'x', size: 1 << 21 }),
  ]) {
    try {
      await clamp(bytes, 100);
    } catch (error) {
      assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
      continue;
    }
    assert.unreachable('was not refused');
  }
});

test.run();
