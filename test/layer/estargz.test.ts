// eStargz layers, read back as the specification says: footer, table, and each piece of each file by itself.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decompress } from '../../src/layer/decompress.ts';
import { type EstargzResult, estargz } from '../../src/layer/estargz.ts';
import type { TocEntry } from '../../src/layer/estargz-toc.ts';
import { readTar } from '../../src/layer/tar-reader.ts';
import { collect, pieces, type RawEntry, rawTar } from './tar-build.ts';

const test = suite('layer/estargz');
const { signal } = new AbortController();
const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

interface Made extends EstargzResult {
  blob: Buffer;
  toc: { version: number; entries: TocEntry[] };
  tar: Buffer;
}

async function make(tar: Buffer, size = 5000, level?: number): Promise<Made> {
  const { chunks, result } = estargz(pieces(tar, size), { signal, level });
  const blob = await collect(chunks);
  const footer = blob.subarray(-51);
  assert.is(gunzipSync(footer).length, 0);
  assert.is(footer.toString('latin1', 12, 14), 'SG');
  assert.is(footer.toString('latin1', 32, 38), 'STARGZ');
  const offset = Number.parseInt(footer.toString('latin1', 16, 32), 16);
  const table = gunzipSync(blob.subarray(offset, -51));
  assert.is(table.toString('latin1', 0, 17), 'stargz.index.json');
  const json = table.subarray(512, 512 + Number.parseInt(table.toString('latin1', 124, 135), 8));
  const told = result();
  assert.is(told.annotations['containerd.io/snapshot/stargz/toc.digest'], sha256(json));
  const whole = gunzipSync(blob);
  assert.is(told.diffID, sha256(whole));
  assert.is(told.size, whole.length);
  assert.is(told.annotations['io.containers.estargz.uncompressed-size'], `${whole.length}`);
  return { ...told, blob, toc: JSON.parse(json.toString()), tar: whole };
}

/** One gzip member, and nothing of what follows it. */
const member = (blob: Buffer, offset: number): Buffer =>
  gunzipSync(blob.subarray(offset), { finishFlush: constants.Z_SYNC_FLUSH });

/** A file's content, piece by piece out of the blob, each checked. */
function content({ blob, toc }: Made, name: string): Buffer {
  const own = toc.entries.filter((entry) => entry.name === name);
  const [first] = own;
  const parts = own.map((entry, index) => {
    const start = entry.chunkOffset ?? 0;
    const size = entry.chunkSize ?? first!.size! - start;
    assert.is(entry.type, index === 0 ? 'reg' : 'chunk');
    assert.is(entry.chunkSize === undefined, index === own.length - 1);
    assert.equal(blob.subarray(entry.offset, entry.offset! + 3), Buffer.of(0x1f, 0x8b, 8));
    const part = member(blob, entry.offset!).subarray(0, size);
    assert.is(entry.chunkDigest, sha256(part));
    return part;
  });
  const whole = Buffer.concat(parts);
  assert.is(first!.digest, sha256(whole));
  assert.is(whole.length, first!.size);
  return whole;
}

const file = (name: string, body: string | Buffer = name): RawEntry => ({ name, body });

test('the table tells of all entries, and where each file is', async () => {
  const made = await make(
    rawTar(
      { name: 'd/', type: '5', mode: 0o755 },
      { ...file('d/a', 'content'), mode: 0o4755, mtime: '13245670000' },
      file('d/empty', ''),
      { name: 'd/link', type: '2', link: 'a' },
      { name: 'd/hard', type: '1', link: 'd/a' },
      { name: 'null', type: '3', major: 1, minor: 3 },
      { name: 'pipe', type: '6' },
      file('.wh.gone', ''),
      { ...file('capable'), pax: { 'SCHILY.xattr.security.capability': Buffer.of(1, 0, 2) } },
      file('é', 'x'),
    ),
  );
  assert.is(made.toc.version, 1);
  assert.equal(
    made.toc.entries.map(({ name, type }) => `${type} ${name}`),
    [
      'reg .no.prefetch.landmark',
      'dir d/',
      'reg d/a',
      'reg d/empty',
      'symlink d/link',
      'hardlink d/hard',
      'char null',
      'fifo pipe',
      'reg .wh.gone',
      'reg capable',
      'reg é',
    ],
  );
  const entry = (name: string): TocEntry => made.toc.entries.find((one) => one.name === name)!;
  assert.is(entry('d/a').mode, 0o4755);
  assert.is(entry('d/a').modtime, new Date(0o13245670000 * 1000).toISOString().replace('.000', ''));
  assert.is(entry('d/link').linkName, 'a');
  assert.is(entry('d/hard').linkName, 'd/a');
  assert.equal([entry('null').devMajor, entry('null').devMinor], [1, 3]);
  assert.equal(entry('capable').xattrs, { 'security.capability': 'AQAC' });
  assert.is(entry('d/empty').offset, undefined);
  assert.equal(content(made, '.no.prefetch.landmark'), Buffer.of(0x0f));
  for (const [name, text] of [
    ['d/a', 'content'],
    ['capable', 'capable'],
    ['é', 'x'],
  ] as const)
    assert.is(content(made, name).toString(), text);
});

test('a big file is cut into pieces that can be had one by one', async () => {
  const big = Buffer.alloc(9_000_000, 'some content that repeats ');
  const exact = Buffer.alloc(4 << 20, 7);
  const made = await make(rawTar(file('big', big), file('exact', exact), file('after')), 65_536);
  assert.is(made.toc.entries.filter(({ name }) => name === 'big').length, 3);
  assert.is(made.toc.entries.filter(({ name }) => name === 'exact').length, 1);
  assert.ok(content(made, 'big').equals(big));
  assert.ok(content(made, 'exact').equals(exact));
  assert.is(content(made, 'after').toString(), 'after');
});

test('it is a gzipped tar like others, whose last entry is the table', async () => {
  const { blob, tar } = await make(rawTar(file('a'), file('b/c')));
  const listed = execFileSync('tar', ['-tzf', '-'], { input: blob, encoding: 'utf8' });
  assert.equal(listed.trim().split('\n'), ['.no.prefetch.landmark', 'a', 'b/c', 'stargz.index.json']);
  assert.ok((await collect(decompress(pieces(blob), signal))).equals(tar));
});

test('what was eStargz before is not so twice', async () => {
  const once = await make(rawTar(file('a', 'x'.repeat(3000))));
  const twice = await make(once.tar);
  assert.ok(twice.blob.equals(once.blob));
});

test('the bytes depend on the source and the level alone', async () => {
  const tar = rawTar(
    ...Array.from({ length: 40 }, (_, index) => file(`f${index}`, `${index}`.repeat(index * 97))),
  );
  const one = await make(tar, 333);
  assert.ok((await make(tar, 70_000)).blob.equals(one.blob));
  const fast = await make(tar, 333, 1);
  assert.not.ok(fast.blob.equals(one.blob));
  assert.ok(fast.tar.length > 0);
});

test('whatever the files are, each can be had by itself, and the tar has them all', async () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-zé]{1,120}$/), { minLength: 0, maxLength: 8 });
  const sizes = fc.array(fc.oneof(fc.constantFrom(0, 1, 511, 512, 513), fc.nat(40_000)), {
    minLength: 8,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(names, sizes, async (all, lengths) => {
      const files = all.map((name, index) => ({
        name: Buffer.from(name).subarray(0, 100).toString('utf8').replace('\ufffd', ''),
        body: Buffer.alloc(lengths[index]!, name),
      }));
      const distinct = files.filter(
        (one, index) => files.findIndex(({ name }) => name === one.name) === index,
      );
      const made = await make(rawTar(...distinct), 777);
      for (const { name, body } of distinct)
        if (body.length > 0) assert.ok(content(made, name).equals(body), name);
      const found: string[] = [];
      for await (const { path } of readTar(pieces(made.tar))) found.push(path);
      assert.equal(found, [
        '.no.prefetch.landmark',
        ...distinct.map(({ name }) => name),
        'stargz.index.json',
      ]);
    }),
    { numRuns: 40, seed: 3 },
  );
});

test('a tar that is cut short makes no layer', async () => {
  const tar = rawTar(file('a', 'x'.repeat(4000))).subarray(0, 2000);
  const error = await make(tar).catch((caught: unknown) => caught);
  assert.match((error as Error).message, /ends too early/);
});

test.run();
