// What packLayer writes, read back by this project's reader and by tar-stream.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { extract } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { readTar, type TarEntry } from '../../src/layer/tar-reader.ts';
import { packLayer, packLayerWithIdentity } from '../../src/layer/tar-writer.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { LayerEntry, TreeEntry } from '../../src/seams.ts';
import { collect, pieces } from './tar-build.ts';
import { treeEntries } from './tree-entries.ts';

type FileEntry = Extract<LayerEntry, { kind: 'entry' }>;

const _isRoot = process.getuid?.() === 0;
const _has = (command: string): boolean => !spawnSync(command, ['--version']).error;
const base = mkdtempSync(join(tmpdir(), 'slipway-writer-'));
const test = suite('layer/tar-writer');
test.after(() => rmSync(base, { recursive: true }));

const plainStat: TreeEntry = {
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0n,
  major: 0,
  minor: 0,
  link: '',
};

function fileEntry(path: string, text: string, stat: Partial<TreeEntry> = {}): FileEntry {
  const content = Buffer.from(text);
  return {
    kind: 'entry',
    path,
    stat: { ...plainStat, size: content.length, ...stat },
    linkTarget: '',
    hardLinkTo: undefined,
    xattrs: {},
    content,
  };
}

async function read(bytes: Buffer): Promise<(Omit<TarEntry, 'body' | 'buffered'> & { content: Buffer })[]> {
  const entries = [];
  for await (const entry of readTar(pieces(bytes, 100_000))) {
    const { body, buffered: _, ...rest } = entry;
    entries.push({ ...rest, content: await collect(body()) });
  }
  return entries;
}

test('tar-stream reads a plain tree the same', async () => {
  const entries = [
    fileEntry('a', 'hello'),
    fileEntry('d/ü', 'x', { mode: 0o4755, uid: 7 }),
    fileEntry(`${'d/'.repeat(90)}z`, 'deep'),
  ];
  const bytes = await collect(packLayer(entries));
  const seen: unknown[] = [];
  const reader = extract();
  reader.on('entry', (header, stream, next) => {
    seen.push([header.name, header.mode, header.uid, header.size, header.type]);
    stream.on('end', next).resume();
  });
  await new Promise((resolve, reject) =>
    reader
      .on('finish', () => resolve(undefined))
      .on('error', reject)
      .end(bytes),
  );
  assert.equal(
    seen,
    entries.map(({ path, stat }) => [path, stat.mode, stat.uid, stat.size, 'file']),
  );
});

test('names and link targets of any length come back', async () => {
  const names = [99, 100, 101, 155, 156, 255, 256, 257, 300].flatMap((length) =>
    [0, 1, 54, 99, 100, 101, 154, 155, 156].map((slash) => {
      const name = 'n'.repeat(length);
      return slash === 0 || slash >= length - 1 ? name : `${name.slice(0, slash)}/${name.slice(slash + 1)}`;
    }),
  );
  const entries = names.map((name): LayerEntry => ({ ...fileEntry(name, ''), hardLinkTo: name }));
  const back = await read(await collect(packLayer(entries)));
  assert.equal(
    back.map(({ path, linkName, mode }) => [path, linkName, mode]),
    names.map((name) => [name, name, 0o644]),
  );
});

test('whiteouts and opaque marks are empty files with the names that the specification gives', async () => {
  const bytes = await collect(
    packLayer([
      { kind: 'whiteout', path: 'a/b' },
      { kind: 'whiteout', path: 'c' },
      { kind: 'opaque', path: 'd' },
      { kind: 'opaque', path: '' },
    ]),
  );
  const entries = await read(bytes);
  assert.equal(
    entries.map(({ path, type, mode, size }) => [path, type, mode, size]),
    ['a/.wh.b', '.wh.c', 'd/.wh..wh..opq', '.wh..wh..opq'].map((path) => [path, 'file', 0, 0]),
  );
});

test('an attribute whose name no PAX record can hold is refused', async () => {
  const entry = { ...fileEntry('a', ''), xattrs: { 'user.a=b': Buffer.of(1) } };
  const error = await collect(packLayer([entry])).catch((caught: unknown) => caught);
  assert.ok(isSlipwayError(error) && error.code === 'ERR_UNSUPPORTED');
});

test('a name that would read as a whiteout is refused, and sockets are left out', async () => {
  const error = await collect(packLayer([fileEntry('a/.wh.x', '')])).catch((caught: unknown) => caught);
  assert.ok(isSlipwayError(error) && error.code === 'ERR_UNSUPPORTED');
  const path = join(base, 'sockets');
  mkdirSync(path);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(path, 'socket'), resolve));
  const bytes = await collect(packLayer(treeEntries(path)));
  await new Promise((resolve) => server.close(resolve));
  assert.is(bytes.length, 1024);
});

test('digests: the diffID follows times, the content identity does not, whatever form a time takes', async () => {
  const tree = (mtime: bigint, text = 'x'): LayerEntry[] => [
    fileEntry('a', text, { mtime }),
    fileEntry('l'.repeat(120), 'long', { mtime }),
    { kind: 'whiteout', path: 'gone' },
    fileEntry('big', 'y'.repeat(1_500_000), { mtime }),
  ];
  const digests = async (mtime: bigint, text?: string) => {
    const packed = packLayerWithIdentity(tree(mtime, text));
    const chunks: Buffer[] = [];
    for await (const chunk of packed.chunks) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    assert.ok(bytes.equals(await collect(packLayer(tree(mtime, text)))));
    return { diffID: digestOf(bytes), content: packed.content() };
  };
  const first = await digests(1_000_000_000n);
  for (const mtime of [2_000_000_000n, -5n * 10n ** 9n, 10n ** 19n]) {
    const other = await digests(mtime);
    assert.is.not(other.diffID, first.diffID);
    assert.is(other.content, first.content);
  }
  const changed = await digests(1_000_000_000n, 'z');
  assert.is.not(changed.content, first.content);
});

test('times that were set are part of the identity, but for those of folders', async () => {
  const identity = async (mtime: bigint, type?: 'dir') => {
    const { chunks, content } = packLayerWithIdentity(
      [fileEntry('a', 'x', { mtime: 9_000_000_000n }), fileEntry('b', '', { mtime, ...(type && { type }) })],
      { isSetTime: (seconds) => seconds < 5 },
    );
    for await (const chunk of chunks) assert.ok(chunk.length > 0);
    return content();
  };
  const one = await identity(1_000_000_000n);
  assert.is(await identity(1_500_000_000n), one);
  assert.is.not(await identity(2_000_000_000n), one);
  assert.is.not(await identity(7_000_000_000n), one);
  assert.is(await identity(8_000_000_000n), await identity(7_000_000_000n));
  assert.is(await identity(1_000_000_000n, 'dir'), await identity(2_000_000_000n, 'dir'));
});

test('the epoch bounds times from above', async () => {
  const bytes = await collect(
    packLayer(
      [fileEntry('a', '', { mtime: 50_000_000_000n }), fileEntry('b', '', { mtime: 3_000_000_000n })],
      { epoch: 10 },
    ),
  );
  assert.equal(
    (await read(bytes)).map(({ mtime }) => mtime),
    [10_000_000_000n, 3_000_000_000n],
  );
});

test('a file that shrinks, grows or goes while it is packed is named', async () => {
  for (const size of [10, 1 << 20, 3_000_000]) {
    for (const change of ['shrink', 'grow', 'remove', 'link']) {
      const root = mkdtempSync(join(base, 'changing-'));
      const path = join(root, 'file');
      writeFileSync(path, Buffer.alloc(size));
      const entries = [...treeEntries(root)];
      if (change === 'shrink') truncateSync(path, size - 1);
      if (change === 'grow') appendFileSync(path, 'x');
      if (change === 'remove' || change === 'link') rmSync(path);
      if (change === 'link') symlinkSync('/etc/passwd', path);
      const error = await collect(packLayer(entries)).catch((caught: unknown) => caught);
      assert.ok(isSlipwayError(error) && error.code === 'ERR_CONTEXT', `${change} ${size}: ${error}`);
      assert.match((error as Error).message, '"file"');
    }
  }
});

test('sizes around a chunk come out whole, in chunks of at most 1 MiB', async () => {
  const root = mkdtempSync(join(base, 'sizes-'));
  for (const size of [
    (1 << 20) - 1024,
    (1 << 20) - 512,
    (1 << 20) - 511,
    1 << 20,
    (1 << 20) + 1,
    512,
    0,
    1,
  ]) {
    writeFileSync(join(root, `f${size}`), Buffer.alloc(size, size % 251));
  }
  const chunks: Buffer[] = [];
  for await (const chunk of packLayer(treeEntries(root))) chunks.push(chunk);
  assert.ok(chunks.every((chunk) => chunk.length <= 1 << 20));
  for (const entry of await read(Buffer.concat(chunks))) {
    assert.ok(entry.content.equals(readFileSync(join(root, entry.path))), entry.path);
  }
});

test('bytes of content that came from files are counted, once each', async () => {
  const root = mkdtempSync(join(base, 'read-'));
  const sizes = [0, 1, 512, 70_000, (1 << 20) - 512, 1 << 20, 2_500_000];
  for (const size of sizes) writeFileSync(join(root, `f${size}`), Buffer.alloc(size));
  const entries = [...treeEntries(root), fileEntry('inline', 'no file')];
  const link = entries.find(({ path }) => path === 'f70000') as FileEntry;
  entries.push({ ...link, path: 'same', content: undefined, hardLinkTo: 'f70000' });
  const packed = packLayerWithIdentity(entries);
  for await (const _ of packed.chunks);
  assert.is(
    packed.read(),
    sizes.reduce((sum, size) => sum + size, 0),
  );
});

test('an abort stops it with its reason, and sources may be asynchronous', async () => {
  async function* entries(): AsyncGenerator<LayerEntry> {
    for (;;) yield fileEntry('a', 'x'.repeat(300_000));
  }
  const controller = new AbortController();
  const reason = new Error('enough');
  const run = async (): Promise<void> => {
    for await (const _ of packLayer(entries(), { signal: controller.signal })) controller.abort(reason);
  };
  assert.is(await run().catch((error: unknown) => error), reason);
});

test('any entries come back from their tar', async () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'ü', '\uDCFF', '.x', ' ', '\n', '=', '€'),
    minLength: 1,
    maxLength: 60,
  });
  const path = fc.array(name, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'));
  const integer = fc.oneof(fc.nat(0xfffffffe), fc.constantFrom(0, 2_097_151, 2_097_152));
  const entry = fc.record({
    path,
    mode: fc.nat(0o7777),
    uid: integer,
    gid: integer,
    seconds: fc.oneof(
      fc.bigInt(-(2n ** 40n), 2n ** 40n),
      fc.constantFrom(0n, 8_589_934_591n, 8_589_934_592n, -1n),
    ),
    kind: fc.constantFrom('file', 'dir', 'symlink', 'link', 'char', 'fifo'),
    target: path,
    major: fc.nat(4095),
    minor: fc.nat(1_048_575),
    xattrs: fc.dictionary(
      fc.constantFrom('user.a', 'user.ü', 'user. \n'),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      { noNullPrototype: true },
    ),
    content: fc.uint8Array({ maxLength: 1100 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (drawn) => {
      const entries = drawn.map(
        (one): FileEntry => ({
          kind: 'entry',
          path: one.path,
          stat: {
            type: one.kind === 'link' ? 'file' : (one.kind as TreeEntry['type']),
            mode: one.mode,
            uid: one.uid,
            gid: one.gid,
            size: one.kind === 'file' ? one.content.length : 0,
            mtime: one.seconds * 1_000_000_000n,
            link: '',
            major: one.kind === 'char' ? one.major : 0,
            minor: one.kind === 'char' ? one.minor : 0,
          },
          linkTarget: one.kind === 'symlink' ? one.target : '',
          hardLinkTo: one.kind === 'link' ? one.target : undefined,
          xattrs: one.kind === 'link' ? {} : one.xattrs,
          content: one.content,
        }),
      );
      const back = await read(await collect(packLayer(entries)));
      assert.equal(
        back.map(
          ({ path: name, type, mode, uid, gid, size, mtime, linkName, major, minor, xattrs, content }) => [
            name,
            type,
            mode,
            uid,
            gid,
            size,
            mtime,
            linkName,
            major,
            minor,
            xattrs,
            [...content],
          ],
        ),
        entries.map(({ path: name, stat, linkTarget, hardLinkTo, xattrs, content }) => [
          stat.type === 'dir' ? `${name}/` : name,
          hardLinkTo === undefined ? stat.type : 'link',
          stat.mode,
          stat.uid,
          stat.gid,
          stat.size,
          stat.mtime,
          hardLinkTo ?? linkTarget,
          stat.major,
          stat.minor,
          xattrs,
          stat.type === 'file' && hardLinkTo === undefined ? [...(content as Uint8Array)] : [],
        ]),
      );
    }),
    { numRuns: 150, seed: 5 },
  );
});

test.run();
