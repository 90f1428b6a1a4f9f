// One layer instead of several: on what is below it, it makes the same files.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { squashLayers } from '../../src/layer/squash.ts';
import { readTar } from '../../src/layer/tar-reader.ts';
import { packLayer } from '../../src/layer/tar-writer.ts';
import { unpackLayer } from '../../src/layer/unpack.ts';
import type { LayerEntry, TreeEntry } from '../../src/seams.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { rawTar as joined, pieces, type RawEntry } from './tar-build.ts';
import { treeEntries } from './tree-entries.ts';

const test = suite('layer/squash');
const { signal } = new AbortController();
const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), 'slipway-squash-'));
test.after(() => rmSync(folder, { recursive: true }));

async function whole(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

const opened = (tars: readonly Buffer[]) => tars.map((tar) => () => pieces(tar, 1000));

function squash(tars: readonly Buffer[], below = memoryTree({})): Promise<Buffer> {
  return whole(squashLayers({ layers: opened(tars), below: async () => below, signal }));
}

async function unpack(tars: readonly Buffer[]): Promise<string> {
  const root = mkdtempSync(join(folder, 'root-'));
  for (const tar of tars)
    await unpackLayer(pieces(tar, 4096), root, {
      form: 'plain',
      overlayXattr: 'user.overlay',
      signal,
      owners: isRoot ? 'exact' : 'if-allowed',
    });
  return root;
}

/** Whatever can be seen of the files. */
function looksOf(root: string): unknown[] {
  const groups = new Map<string, number>();
  return [...treeEntries(root)].map((entry) => {
    assert.is(entry.kind, 'entry');
    const { path, stat, linkTarget, content } = entry as LayerEntry & { kind: 'entry' };
    const { link, ...rest } = stat;
    if (link !== '' && !groups.has(link)) groups.set(link, groups.size);
    const text = typeof content === 'string' ? readFileSync(content, 'utf8') : undefined;
    return { path, ...rest, mtime: `${rest.mtime}`, linkTarget, text, group: groups.get(link) };
  });
}

async function names(tar: Buffer): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, type, linkName } of readTar(pieces(tar, 700)))
    found.push(type === 'link' ? `${path} = ${linkName}` : path);
  return found;
}

const rawTar = (entries: RawEntry[]): Buffer => joined(...entries);
const file = (name: string, body = name): RawEntry => ({ name, body });
const dir = (name: string): RawEntry => ({ name: `${name}/`, type: '5', mode: 0o755 });
const gone = (name: string): RawEntry => ({ name: name.replace(/[^/]*$/, '.wh.$&') });
const link = (name: string, target: string): RawEntry => ({ name, type: '1', link: target });

test('what a later layer took away or wrote again is not there', async () => {
  const tar = await squash([
    rawTar([dir('d'), file('d/a', 'old'), file('d/b'), file('c')]),
    rawTar([gone('d/b'), file('d/a', 'new')]),
    rawTar([gone('c')]),
  ]);
  assert.equal(await names(tar), ['d/', 'd/a']);
  const root = await unpack([tar]);
  assert.is(readFileSync(join(root, 'd/a'), 'utf8'), 'new');
});

test('what is taken away of what lies below stays taken away', async () => {
  const below = memoryTree({ '/etc/passwd': 'x', '/etc/group': 'x', '/tmp/x': 'x' });
  const tar = await squash(
    [
      rawTar([gone('etc/passwd'), file('etc/motd'), gone('tmp')]),
      rawTar([gone('etc/motd'), gone('etc/none')]),
    ],
    below,
  );
  assert.equal(await names(tar), ['etc/.wh.passwd', '.wh.tmp']);
});

test('a folder in the place of one that was taken away has nothing of it', async () => {
  const below = memoryTree({ '/d/a': 'x', '/d/b/c': 'x', '/d/b/e': 'x' });
  const own = [rawTar([gone('d')]), rawTar([dir('d'), dir('d/b'), file('d/b/c', 'new')])];
  assert.equal(await names(await squash(own, below)), ['d/.wh.a', 'd/b/.wh.e', 'd/', 'd/b/', 'd/b/c']);
  const opaque = [rawTar([dir('d'), file('d/.wh..wh..opq', ''), file('d/n')])];
  assert.equal(await names(await squash(opaque, below)), ['d/.wh.a', 'd/.wh.b', 'd/', 'd/n']);
});

test('a file that lost its first name keeps its content under the others', async () => {
  const tar = await squash([
    rawTar([file('a', 'content'), link('b', 'a'), link('c', 'b'), file('d')]),
    rawTar([gone('a')]),
  ]);
  assert.equal(await names(tar), ['b', 'c = b', 'd']);
  const other = await squash([rawTar([file('a', 'content'), link('b', 'a')]), rawTar([file('a', 'other')])]);
  assert.equal(await names(other), ['b', 'a']);
});

test('the bytes do not depend on how the layers arrive', async () => {
  const tars = [rawTar([dir('d'), file('d/x', 'x'.repeat(70_000))]), rawTar([file('d/y'), gone('d/x')])];
  const one = await squash(tars);
  const other = await whole(
    squashLayers({
      layers: tars.map((tar) => () => pieces(tar, 7)),
      below: async () => memoryTree({}),
      signal,
    }),
  );
  assert.ok(one.equals(other));
});

test('GNU tar reads it', async () => {
  const tar = await squash([rawTar([dir('d'), file(`d/${'n'.repeat(90)}`)]), rawTar([file('d/é', 'x')])]);
  const listed = execFileSync('tar', ['-t', '--quoting-style=literal'], { input: tar, encoding: 'utf8' });
  assert.equal(listed.trimEnd().split('\n'), ['d/', `d/${'n'.repeat(90)}`, 'd/é']);
});

test('an entry below a symbolic link, and a link to nothing, are no layer', async () => {
  for (const [tars, why] of [
    [[rawTar([{ name: 'l', type: '2', link: 'd' }]), rawTar([file('l/x')])], /below a symbolic link/],
    [[rawTar([link('a', 'b')])], /hard link/],
    [[rawTar([file('b')]), rawTar([link('a', 'b')])], /hard link/],
  ] as const) {
    const error = await squash(tars).catch((caught: unknown) => caught);
    assert.match((error as Error).message, why);
  }
});

// --- Layers as steps make them: the difference of what was and what is -------------------------------------------

interface Item {
  type: 'file' | 'dir' | 'symlink' | 'fifo';
  mode: number;
  mtime: bigint;
  text: string;
}

type Files = Map<string, Item>;

type Change =
  | { do: 'write' | 'mkdir' | 'symlink' | 'fifo' | 'remove' | 'chmod'; path: string; seed: number }
  | { do: 'link'; path: string; from: string };

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));
const below = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

function apply(files: Files, change: Change): void {
  const { path } = change;
  if (change.do === 'chmod') {
    const there = files.get(path);
    if (there) files.set(path, { ...there, mode: 0o700 + (change.seed % 64) });
    return;
  }
  if (change.do === 'link') {
    const from = files.get(change.from);
    if (from?.type !== 'file' || change.from === path || below(change.from, path) || below(path, change.from))
      return;
    const both = { ...from };
    make(files, path, both);
    if (files.has(change.from)) files.set(change.from, both);
    return;
  }
  if (change.do === 'remove') {
    remove(files, path);
    return;
  }
  const type = change.do === 'write' ? 'file' : change.do === 'mkdir' ? 'dir' : change.do;
  const mode = type === 'symlink' ? 0o777 : 0o600 + (change.seed % 8);
  make(files, path, { type, mode, mtime: BigInt(change.seed) * 1_000_000_000n, text: `${change.seed}` });
}

function make(files: Files, path: string, item: Item): void {
  const folders: string[] = [];
  for (let at = parentOf(path); at !== ''; at = parentOf(at)) folders.unshift(at);
  for (const at of folders) {
    if (files.get(at)?.type === 'dir') continue;
    remove(files, at);
    files.set(at, { type: 'dir', mode: 0o755, mtime: 7_000_000_000n, text: '' });
  }
  remove(files, path);
  files.set(path, item);
}

function remove(files: Files, path: string): void {
  for (const other of [...files.keys()]) if (other === path || below(other, path)) files.delete(other);
}

/** As a snapshot tells it: whiteouts for what is gone, folders on the way to what changed. */
function* difference(before: Files, after: Files): Generator<LayerEntry> {
  const changed = new Set<string>();
  for (const [path, item] of after) {
    if (before.get(path) === item) continue;
    for (let at = path; at !== ''; at = parentOf(at)) changed.add(at);
  }
  const lost = [...before.keys()].filter((path) => {
    const parent = parentOf(path);
    return !after.has(path) && (parent === '' || (after.get(parent)?.type === 'dir' && before.has(parent)));
  });
  for (const path of lost) if (parentOf(path) !== '') changed.add(parentOf(path));
  const first = new Map<Item, string>();
  for (const path of [...changed, ...lost].sort()) {
    const item = after.get(path);
    if (!item) {
      yield { kind: 'whiteout', path };
      continue;
    }
    const { type, mode, mtime, text } = item;
    const size = type === 'file' ? text.length : 0;
    const stat: TreeEntry = { type, mode, uid: 0, gid: 0, size, mtime, major: 0, minor: 0, link: '' };
    yield {
      kind: 'entry',
      path,
      stat,
      linkTarget: type === 'symlink' ? text : '',
      hardLinkTo: type === 'file' ? first.get(item) : undefined,
      xattrs: {},
      content: type === 'file' ? Buffer.from(text) : undefined,
    };
    if (type === 'file' && !first.has(item)) first.set(item, path);
  }
}

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      'write',
      'mkdir',
      'symlink',
      'fifo',
      'remove',
      'remove',
      'chmod',
    ) as fc.Arbitrary<'write'>,
    path,
    seed: fc.integer({ min: 1, max: 1000 }),
  }),
  fc.record({ do: fc.constant('link' as const), path, from: path }),
);
const layersOfChanges = fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), {
  minLength: 2,
  maxLength: 5,
});

test('what is below and the one layer make the files that all layers make', async () => {
  await fc.assert(
    fc.asyncProperty(layersOfChanges, fc.nat(2), async (steps, ofBase) => {
      const tars: Buffer[] = [];
      const files: Files = new Map();
      for (const changes of steps) {
        const before = new Map(files);
        for (const one of changes) apply(files, one);
        tars.push(await whole(packLayer(difference(before, files))));
      }
      const base = tars.slice(0, ofBase);
      const own = tars.slice(ofBase);
      const lower = await unpack(base);
      const squashed = await whole(
        squashLayers({ layers: opened(own), below: async () => createDirectoryTree(lower), signal }),
      );
      const roots = [await unpack([...base, squashed]), await unpack(tars)];
      assert.equal(looksOf(roots[0]!), looksOf(roots[1]!));
      const lines = await names(squashed);
      assert.is(new Set(lines).size, lines.length);
      if (ofBase === 0) assert.not.ok(lines.some((line) => /(^|\/)\.wh\./.test(line)));
      for (const root of [lower, ...roots]) rmSync(root, { recursive: true });
    }),
    { numRuns: 25, seed: 11 },
  );
});

test.run();
