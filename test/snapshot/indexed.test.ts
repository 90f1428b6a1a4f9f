// Layers that are looked into must show what unpacking them shows.
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';
import { indexLayer } from '../../src/layer/index-layer.ts';
import { packLayer } from '../../src/layer/tar-writer.ts';
import { unpackLayer } from '../../src/layer/unpack.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import type { Layer, LayerEntry, Tree, TreeEntry } from '../../src/seams.ts';
import { createIndexTree } from '../../src/snapshot/index-tree.ts';
import { createIndexedSnapshotter } from '../../src/snapshot/indexed.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { walkTree } from '../../src/tree/walk.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('indexed snapshotter');
const signal = new AbortController().signal;

function stat(type: TreeEntry['type'], mode: number, size = 0): TreeEntry {
  return {
    type,
    mode,
    uid: 3,
    gid: 4,
    size,
    mtime: 1_600_000_000_000_000_000n,
    major: 0,
    minor: 0,
    link: '',
  };
}

const plain = { linkTarget: '', hardLinkTo: undefined, xattrs: {}, content: undefined };
const dir = (path: string, mode = 0o755): LayerEntry => ({
  kind: 'entry',
  path,
  stat: stat('dir', mode),
  ...plain,
});
const file = (path: string, text: string, mode = 0o644): LayerEntry => {
  const content = Buffer.from(text);
  return { kind: 'entry', path, stat: stat('file', mode, content.length), ...plain, content };
};
const link = (path: string, linkTarget: string): LayerEntry => ({
  kind: 'entry',
  path,
  stat: stat('symlink', 0o777),
  ...plain,
  linkTarget,
});
const hardLink = (path: string, hardLinkTo: string): LayerEntry => ({
  kind: 'entry',
  path,
  stat: stat('file', 0o644),
  ...plain,
  hardLinkTo,
});

const lower = [
  dir('d', 0o700),
  file('d/a', 'a'),
  file('d/b', 'b'),
  dir('d/s'),
  file('d/s/c', 'c'),
  dir('gone'),
  file('gone/x', 'x'),
  link('l', 'd/a'),
  dir('o'),
  file('o/old', 'old'),
  file('t', 'file'),
  file('u', 'u'),
  hardLink('u2', 'u'),
];
const upper: LayerEntry[] = [
  dir('d', 0o711),
  { kind: 'whiteout', path: 'd/a' },
  file('d/b', 'new b', 0o4755),
  { kind: 'whiteout', path: 'gone' },
  file('l', 'no link'),
  dir('o'),
  file('o/new', 'new'),
  { kind: 'opaque', path: 'o' },
  dir('t'),
  file('t/in', 'in'),
  file('z'.repeat(120), 'long'),
];

async function inFolder(
  work: (folder: string, layers: Layer[], tars: Map<DiffID, string>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-indexed-'));
  try {
    const tars = new Map<DiffID, string>();
    const layers: Layer[] = [];
    for (const entries of [lower, upper]) {
      const chunks: Buffer[] = [];
      for await (const chunk of packLayer(entries)) chunks.push(chunk);
      const diffID = digestOf(Buffer.concat(chunks)) as string as DiffID;
      const path = join(folder, `${layers.length}.tar`);
      writeFileSync(path, Buffer.concat(chunks));
      tars.set(diffID, path);
      layers.push({ diffID, size: undefined, blobs: [] });
    }
    mkdirSync(join(folder, 'scratch'));
    await work(folder, layers, tars);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function snapshotter(folder: string, tars: Map<DiffID, string>, refusal?: () => Promise<SlipwayError>) {
  return createIndexedSnapshotter({
    ...(refusal && { refusal }),
    scratch: join(folder, 'scratch'),
    tarFile: async (layer) => tars.get(layer.diffID)!,
    index: (path) => indexLayer(createReadStream(path), signal),
  });
}

/** What can be compared of a tree: the root's own metadata is the file system's. */
function describe(tree: Tree): unknown[] {
  return [...walkTree(tree, '/')].slice(1).map(({ path, entry }) => {
    const { type, mode, size } = entry;
    const target = type === 'symlink' ? tree.readlink(path) : '';
    return [
      path,
      type,
      type === 'symlink' ? 0 : mode,
      type === 'file' ? size : 0,
      target,
      type === 'file' ? tree.contentDigest(path) : '',
    ];
  });
}

test('a stack shows what unpacking it shows', () =>
  inFolder(async (folder, layers, tars) => {
    const root = join(folder, 'root');
    mkdirSync(root);
    for (const { diffID } of layers) {
      await unpackLayer(createReadStream(tars.get(diffID)!), root, {
        form: 'plain',
        overlayXattr: 'trusted.overlay',
        signal,
        owners: 'if-allowed',
      });
    }
    const { tree } = await snapshotter(folder, tars).view(layers, signal);
    assert.equal(describe(tree), describe(createDirectoryTree(root)));
  }));

test('owners are those of the layer, whoever looks', () =>
  inFolder(async (folder, layers, tars) => {
    const { tree } = await snapshotter(folder, tars).view(layers, signal);
    assert.is(tree.lstat('/d/b')?.uid, 3);
    assert.is(tree.lstat('/t/in')?.gid, 4);
  }));

test('hard links are known as one file', () =>
  inFolder(async (folder, layers, tars) => {
    const { tree } = await snapshotter(folder, tars).view(layers, signal);
    assert.ok(tree.lstat('/u')?.link);
    assert.is(tree.lstat('/u')?.link, tree.lstat('/u2')?.link);
  }));

test('a file can be opened at its host path', () =>
  inFolder(async (folder, layers, tars) => {
    const { tree } = await snapshotter(folder, tars).view(layers, signal);
    assert.is(readFileSync(tree.hostPath('/d/b'), 'utf8'), 'new b');
    assert.is(tree.hostPath('/d/b'), tree.hostPath('/d/b'), 'extracted once');
  }));

test('a step that must run is refused with the remedy', () =>
  inFolder(async (folder, layers, tars) => {
    try {
      const refusal = async () => new SlipwayError('ERR_RUNTIME_MISSING', 'no', { hint: 'be root' });
      await snapshotter(folder, tars, refusal).prepare(layers, signal);
      assert.unreachable();
    } catch (error) {
      assert.match(String((error as { hint?: string }).hint), 'root');
    }
  }));

test('a hard link to what no layer has makes a bad archive', async () => {
  const stated = { ...stat('file', 0o644), type: 'file' as const };
  const entry = { kind: 'entry' as const, stat: stated, linkTarget: '', xattrs: {}, offset: 0 };
  for (const hardLinkTo of ['absent', 'd'])
    throws(
      () =>
        createIndexTree(
          [
            {
              entries: [
                { ...entry, path: 'd', stat: stat('dir', 0o755), hardLinkTo: undefined },
                { ...entry, path: 'a', hardLinkTo },
              ],
              file: '/none',
            },
          ],
          () => '',
        ),
      'ERR_BAD_ARCHIVE',
      /no file of the layer/,
    );
});

test.run();
