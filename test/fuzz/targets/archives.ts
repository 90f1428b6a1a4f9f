// Archives and layers: whatever reads a tar, unpacks it, makes an index of it or writes it anew.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { createImageReader, type ImageReader } from '../../../src/erofs/read-image.ts';
import { isSlipwayError } from '../../../src/errors.ts';
import { readTarFiles } from '../../../src/images/archive-files.ts';
import { readArchive } from '../../../src/images/read-archive.ts';
import { readLayerItems } from '../../../src/images/read-layer-items.ts';
import { createLayersReporter } from '../../../src/inspect/report-layers.ts';
import { clampTimes } from '../../../src/layer/clamp-times.ts';
import { decompress } from '../../../src/layer/decompress.ts';
import { estargz } from '../../../src/layer/estargz.ts';
import { indexLayer } from '../../../src/layer/index-layer.ts';
import { indexTars } from '../../../src/layer/index-tars.ts';
import { squashLayers } from '../../../src/layer/squash.ts';
import { readTar, type TarEntry, type TarLimits } from '../../../src/layer/tar-reader.ts';
import { unpackLayer } from '../../../src/layer/unpack.ts';
import { createUnpackBudget, createUnpackCounter } from '../../../src/layer/unpack-limits.ts';
import { createIndexTree } from '../../../src/snapshot/index-tree.ts';
import { walkTree } from '../../../src/tree/walk.ts';
import { paxHeader, pieces, type RawEntry, rawEntry, rawTar } from '../../layer/tar-build.ts';
import { createMemoryContentStore } from '../../support/memory-content-store.ts';
import { memoryTree } from '../../support/memory-tree.ts';
import { smallImage } from '../../support/small-image.ts';
import { type FuzzTarget, must } from '../fuzz-target.ts';
import { listHost } from './list-host.ts';

const signal = new AbortController().signal;
const isRoot = process.getuid?.() === 0;
const limits: TarLimits = { sparse: 1 << 22, entries: 20_000 };

const dir = (name: string, more: RawEntry = {}): RawEntry => ({
  name: `${name}/`,
  type: '5',
  mode: 0o755,
  ...more,
});
const link = (name: string, to: string): RawEntry => ({ name, type: '2', link: to });
const hard = (name: string, to: string): RawEntry => ({ name, type: '1', link: to });
const sparse = { 'GNU.sparse.map': '0,5,4096,5', 'GNU.sparse.size': '9000' };
const mapped = `2\n0\n5\n4096\n5\n`.padEnd(512, '\0');

const tars = (): Buffer[] => [
  rawTar(
    dir('a'),
    { name: 'a/b', body: 'hello' },
    link('l', 'a'),
    { name: 'l/c', body: 'x' },
    hard('h', 'a/b'),
  ),
  rawTar(
    {
      name: 'x',
      body: 'y',
      pax: { path: 'a/'.repeat(100), 'SCHILY.xattr.user.a': 'b', mtime: '1.5', uid: '7' },
    },
    paxHeader({ comment: 'all', mtime: '1700000000' }, 'g'),
    dir('d', { pax: { 'SCHILY.xattr.user.x': 'x'.repeat(700), 'SCHILY.xattr.trusted.overlay.opaque': 'y' } }),
  ),
  rawTar(
    { name: '././@LongLink', type: 'L', body: `${'n'.repeat(200)}\0` },
    { name: '././@LongLink', type: 'K', body: `${'k'.repeat(200)}\0` },
    link('short', 'short'),
  ),
  rawTar(
    dir('w'),
    { name: 'w/.wh.gone' },
    { name: 'w/.wh..wh..opq' },
    { name: '.wh.other' },
    { name: 'w/.wh..wh.plnk' },
  ),
  rawTar({ name: 's', body: Buffer.alloc(10, 1), pax: sparse }, { name: 'z' }),
  rawTar({
    name: 'GNUSparseFile.0/s',
    body: `${mapped}${'y'.repeat(10)}`,
    pax: {
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 's',
      'GNU.sparse.realsize': '9000',
    },
  }),
  rawTar(
    { name: 'c', type: '3', major: 1, minor: 3 },
    { name: 'z', type: '3' },
    { name: 'f', type: '6' },
    { name: 'b', type: '4', major: 7 },
  ),
  rawTar(
    dir('.'),
    link('a', 'b'),
    link('b', '../../..'),
    { name: 'a/etc/x', body: 'x' },
    { name: '../up' },
    { name: '/abs' },
  ),
  rawTar({ name: 'big', body: Buffer.alloc(5000, 7) }, { name: 'big', body: 'again' }, dir('big'), {
    name: 'big/x',
  }),
  rawTar(
    ...Array.from({ length: 40 }, (_, at) =>
      at % 3 === 0 ? dir(`d${at}`) : { name: `d${at - (at % 3)}/${at}`, body: `${at}` },
    ),
  ),
  rawTar({ name: 'deep', pax: { path: `${'d/'.repeat(1500)}x` } }, link('j', 'd/'.repeat(700)), {
    name: 'y',
    pax: { path: `j/${'e/'.repeat(900)}x` },
  }),
];

const words = [
  ...['../', '/', './', '\0', 'a/', '.wh.', '.wh..wh..opq', 'ustar\x0000', 'ustar  \0', '\u202e', '\x1b[2J'],
  ...[
    '\xff',
    '0000000\0',
    '7777777\0',
    '\x80\0\0\0',
    '\xff\xff\xff\xff',
    '12 path=a\n',
    '11 size=9\n',
    '20 GNU.sparse.',
  ],
];

/** Most blocks that look like headers get the checksum that they should have. */
function withChecksums(input: Buffer): Buffer {
  const bytes = Buffer.from(input);
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const block = bytes.subarray(at, at + 512);
    if (block.toString('latin1', 257, 262) !== 'ustar') continue;
    block.fill(0x20, 148, 156);
    let sum = 0;
    for (const byte of block) sum += byte;
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return bytes;
}

type Read = Omit<TarEntry, 'body' | 'buffered'> & { bytes: number };

async function readAll(input: Buffer, size: number): Promise<Read[] | string> {
  const found: Read[] = [];
  try {
    for await (const { body, buffered, ...entry } of readTar(pieces(input, size), { limits })) {
      let bytes = buffered()?.length;
      if (bytes === undefined) {
        bytes = 0;
        for await (const chunk of body()) bytes += chunk.length;
      }
      if (entry.type === 'file') must(bytes === entry.size, `${bytes} bytes of ${entry.size} came`);
      found.push({ ...entry, bytes });
    }
  } catch (error) {
    if (isSlipwayError(error)) return error.message;
    throw error;
  }
  return found;
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one));

const tar: Pick<FuzzTarget, 'corpus' | 'words' | 'repair'> = { corpus: tars, words, repair: withChecksums };

const reading: FuzzTarget = {
  ...tar,
  name: 'tar',
  async run(input) {
    const whole = await readAll(input, input.length + 1);
    const cut = await readAll(input, 1 + (input.length % 700));
    must(shown(whole) === shown(cut), 'a tar reads otherwise when it comes in other pieces');
  },
};

const options = {
  overlayXattr: isRoot ? 'trusted.overlay' : 'user.overlay',
  owners: isRoot ? 'exact' : 'if-allowed',
  limits,
  signal,
} as const;

const unpacking: FuzzTarget = {
  ...tar,
  name: 'unpack',
  usesFolder: true,
  async run(input, { root }) {
    const form = (['overlay', 'plain', 'archive'] as const)[input.length % 3]!;
    await unpackLayer(pieces(input, 1 << 14), root, { ...options, form, pendingLinks: form === 'archive' });
  },
};

/** Names and types of all that an image shows. */
function listImage(image: ImageReader): Map<string, string> {
  const found = new Map<string, string>();
  const waiting: [number, string][] = [[image.root, '']];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [number, path] = next;
    for (const one of image.names(number)) {
      const inner = `${path}/${one.name}`;
      const { type, mode, uid, size } = image.inode(one.number);
      image.xattrs(one.number);
      const target = type === 'symlink' ? image.linkTarget(one.number) : '';
      // The file system shows links as the process may follow them, and sizes of folders of its own.
      found.set(
        inner,
        [type, type === 'symlink' ? '' : mode, uid, type === 'file' ? size : '', target].join(' '),
      );
      if (type === 'dir') waiting.push([one.number, inner]);
    }
  }
  return found;
}

const indexing: FuzzTarget = {
  ...tar,
  name: 'erofs',
  usesFolder: true,
  async run(input, { root }) {
    const file = `${root}/tar`;
    const index = `${root}/index`;
    writeFileSync(file, input);
    const parent = (): undefined => undefined;
    const made = await indexTars([{ path: file, parent, limits }], index, signal);
    if (made === undefined) return;
    const bytes = readFileSync(index);
    const image = createImageReader((at, length) => bytes.subarray(at, at + length));
    const listed = listImage(image);
    for (const path of listed.keys()) must(!/(^|\/)\.{0,2}(\/|$)/.test(path.slice(1)), `a path ${path}`);
    if (!isRoot || listed.size > 2000) return;
    const unpacked = `${root}/files`;
    mkdirSync(unpacked);
    await unpackLayer(pieces(input, 1 << 14), unpacked, { ...options, form: 'overlay', parent });
    const host = listHost(unpacked);
    must(
      shown([...host].sort()) === shown([...listed].sort()),
      `the index and the files differ: ${difference(host, listed)}`,
    );
  },
};

function difference(one: Map<string, string>, other: Map<string, string>): string {
  for (const [path, what] of one)
    if (other.get(path) !== what) return `${path}: ${what} | ${other.get(path)}`;
  for (const [path, what] of other) if (!one.has(path)) return `${path}: - | ${what}`;
  return '';
}

async function drain(source: AsyncIterable<Uint8Array>, into?: Buffer[]): Promise<void> {
  for await (const chunk of source) into?.push(Buffer.from(chunk));
}

const rewriting: FuzzTarget = {
  ...tar,
  name: 'rewrite',
  async run(input) {
    const open = () => pieces(input, 1 << 14);
    // A sparse file is written as large as it is.
    let total = 0;
    for await (const { size } of readTar(open(), { limits })) total += size;
    if (total > 1 << 22) return;
    if (input.length % 3 === 0) return drain(clampTimes(open(), 1_600_000_000, input.length % 2 === 0));
    const made: Buffer[] = [];
    if (input.length % 3 === 1) {
      await drain(
        squashLayers({ layers: [open, open], below: async () => memoryTree({ '/a/b': 'x' }), signal }),
        made,
      );
    } else {
      const { chunks } = estargz(open(), { signal });
      await drain(decompress(chunks, signal), made);
    }
    for await (const _ of readTar(pieces(Buffer.concat(made), 1 << 16), { signal })) {
      // What was written must be readable.
    }
  },
};

const inspecting: FuzzTarget = {
  ...tar,
  name: 'inspect',
  async run(input) {
    const items = await readLayerItems(pieces(input, 1 << 14), signal);
    const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers' as const, diff_ids: [] } };
    const layer = { mediaType: 'x', digest: `sha256:${'0'.repeat(64)}` as const, size: input.length };
    const reporter = createLayersReporter({
      image: {} as never,
      config,
      layers: [layer, layer],
      places: [],
      top: 10,
      listsFiles: true,
    });
    reporter.addLayer(items);
    reporter.addLayer(items);
    reporter.finish();
    const entries = await indexLayer(pieces(input, 1 << 14), signal, limits);
    const tree = createIndexTree(
      [
        { entries, file: '/none' },
        { entries, file: '/other' },
      ],
      () => '',
    );
    let count = 0;
    for (const { path } of walkTree(tree, '/')) if (path.length > 1e6 || ++count > 100_000) break;
  },
};

async function unpackAll(input: Buffer, { limits: text }: { limits: string }): Promise<void> {
  const counter = createUnpackCounter(createUnpackBudget(text));
  await drain(decompress(pieces(input, 1000), signal, counter));
}

const compressed: FuzzTarget = {
  name: 'gzip',
  corpus: () => [
    ...tars().map((bytes) => gzipSync(bytes)),
    Buffer.concat([gzipSync('one'), gzipSync('two'), Buffer.alloc(600)]),
    gzipSync(Buffer.alloc(1 << 20)),
  ],
  words: ['\x1f\x8b', '\x1f\x8b\x08\0\0\0\0\0\0\x03', '\0\0\0\0', '\x28\xb5\x2f\xfd', 'BZh9', '\xfd7zXZ\0'],
  // Other forms take a process for each input: what begins like one of them is made to be gzip.
  repair: (input) => Buffer.concat([Buffer.of(0x1f, 0x8b), input.subarray(2)]),
  run: (input) => (input[0] === 0x1f ? unpackAll(input, { limits: 'layer=8m' }) : undefined),
};

function imageArchives(): Buffer[] {
  const layer = gzipSync(rawTar({ name: 'a', body: 'b' }));
  const image = smallImage({ layers: [layer] });
  const entries: RawEntry[] = [{ name: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' }];
  const { digest, size, mediaType } = image.manifest;
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size }] };
  entries.push({ name: 'index.json', body: JSON.stringify(index) });
  for (const blob of [image.manifest, image.config, ...image.layers])
    entries.push({ name: `blobs/sha256/${blob.digest.slice(7)}`, body: blob.bytes });
  const docker = [
    { Config: `blobs/sha256/${image.config.digest.slice(7)}`, RepoTags: ['a:b'], Layers: ['l.tar', 'link'] },
  ];
  return [
    rawTar(...entries),
    rawTar(
      { name: 'manifest.json', body: JSON.stringify(docker) },
      { name: 'l.tar', body: layer },
      link('link', 'l.tar'),
      ...entries.slice(2),
    ),
    rawTar(rawEntry({ name: 'manifest.json', body: '[]' }), { name: 'repositories', body: '{}' }),
  ];
}

const loading: FuzzTarget = {
  name: 'load',
  corpus: imageArchives,
  words: [
    ...words,
    'manifest.json',
    'index.json',
    'blobs/sha256/',
    'oci-layout',
    '"digest":"sha256:',
    '"size":0,',
  ],
  repair: withChecksums,
  async run(input) {
    const store = createMemoryContentStore();
    const budget = createUnpackBudget('layer=8m');
    const files = await readTarFiles(pieces(input, 1 << 14), { store, budget }, signal);
    await readArchive(files, { store, platform: undefined });
  },
};

export const archiveTargets: FuzzTarget[] = [
  reading,
  unpacking,
  indexing,
  rewriting,
  inspecting,
  compressed,
  loading,
];
