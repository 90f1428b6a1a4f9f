// A tar that is mounted by its index is what unpacking it makes: names, types, owners, times, attributes, links, content.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { createImageMounter } from '../../src/fs/mount-image.ts';
import { encodePath } from '../../src/fs/path-bytes.ts';
import { indexTars, type LayerTar } from '../../src/layer/index-tars.ts';
import { unpackLayer } from '../../src/layer/unpack.ts';
import type { LayerEntry } from '../../src/seams.ts';
import { createMergedTree, type LayerDirectory } from '../../src/snapshot/merged-tree.ts';
import { probeErofs } from '../../src/snapshot/probe-erofs.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { pieces, type RawEntry, rawEntry, rawTar } from './tar-build.ts';
import { statOf, treeEntries, xattrsOf } from './tree-entries.ts';

const test = suite('layer/index-tars');
const { signal } = new AbortController();
const base = mkdtempSync(join(tmpdir(), 'slipway-index-'));
const available = (await probeErofs(base)) !== undefined;
const mounter = createImageMounter();
let count = 0;

test.after(() => {
  mounter?.close();
  rmSync(base, { recursive: true });
});

const check = (title: string, body: () => Promise<void>): void => {
  test(title, async () => {
    if (requireFeature('erofs', available)) await body();
  });
};

const parentOf = (lower: string | undefined) => (path: string) =>
  lower !== undefined && existsSync(lower + path) ? statOf(lower + path) : undefined;

/** Where the files of a tar are seen, and which directories are opaque; undefined where it must be unpacked. */
async function mount(tar: string, lower?: string): Promise<{ path: string; opaque: string[] } | undefined> {
  const index = join(base, `index${count++}`);
  const made = await indexTars([{ path: tar, parent: parentOf(lower) }], index, signal);
  return made && { path: mounter!.mount(index, [tar]), opaque: made.opaque };
}

function keep(tar: Buffer): string {
  const file = join(base, `tar${count++}`);
  writeFileSync(file, tar);
  return file;
}

async function unpack(tar: string, lower?: string): Promise<{ path: string; opaque: string[] }> {
  const path = join(base, `tree${count++}`);
  mkdirSync(path);
  const { opaque } = await unpackLayer(pieces(readFileSync(tar), 1 << 16), path, {
    ...{ form: 'overlay', overlayXattr: 'trusted.overlay', signal, parent: parentOf(lower) },
  });
  return { path, opaque };
}

/** Everything about each file. */
function listed(path: string): string[] {
  return [...treeEntries(`${path}/.`, { withRoot: true })].map((entry) => describe(entry, path));
}

function describe(entry: LayerEntry, root: string): string {
  if (entry.kind !== 'entry') throw new Error('a tree holds files alone');
  const { type, mode, uid, gid, size, mtime, major, minor } = entry.stat;
  const place = `${root}/${entry.path || '.'}`;
  const bytes = (): Buffer => readFileSync(encodePath(place));
  const xattrs = type === 'file' || type === 'dir' ? xattrsOf(place) : {};
  const content = type === 'file' ? createHash('sha256').update(bytes()).digest('hex') : entry.linkTarget;
  const attributes = Object.entries(xattrs).map(([name, value]) => `${name}=${value.toString('hex')}`);
  return [
    // A whiteout has the time at which it was made.
    ...[
      entry.path,
      type,
      mode.toString(8),
      uid,
      gid,
      size,
      major === 0 && type === 'char' ? 0 : mtime,
      `${major}:${minor}`,
    ],
    ...[entry.hardLinkTo, content, ...attributes],
  ].join(' ');
}

const name = fc.constantFrom('a', 'b', 'c', 'd');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const target = fc.constantFrom('a', 'b/c', '../a', '/b', '/c/d', '../../..', '.', 'missing/x');
const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
const pax = fc.record(
  {
    mtime: fc.constantFrom('1.000000001', '1700000000.123456789', '4102444800.5'),
    uid: fc.constantFrom('0', '1000', '4000000000'),
    gid: fc.constantFrom('7', '3000000000'),
    'SCHILY.xattr.user.mine': fc.constantFrom('', 'some', 'x'.repeat(700)),
    'SCHILY.xattr.security.capability': fc.constant(capability),
    'SCHILY.xattr.user.overlay.opaque': fc.constant('y'),
    'SCHILY.xattr.trusted.overlay.opaque': fc.constant('y'),
  },
  { requiredKeys: [] },
);
const mode = fc.constantFrom(0o644, 0o4755, 0o1777, 0o2711, 0);
/** Without the bits that a change of the owner clears. */
const plainMode = fc.constantFrom(0o644, 0o1755, 0);
const body = fc.constantFrom('', 'one', 'z'.repeat(511), 'y'.repeat(512), 'w'.repeat(5000));
const entries: fc.Arbitrary<RawEntry> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name: path, body, mode, pax }) },
  {
    weight: 5,
    arbitrary: fc.record({ name: path.map((at) => `${at}/`), type: fc.constant('5'), mode, pax }),
  },
  { weight: 1, arbitrary: fc.record({ name: fc.constant('./'), type: fc.constant('5'), mode, pax }) },
  { weight: 3, arbitrary: fc.record({ name: path, type: fc.constant('2'), link: target, pax }) },
  { weight: 3, arbitrary: fc.record({ name: path, type: fc.constant('1'), link: path }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ name: path, type: fc.constantFrom('3', '4', '6'), mode: plainMode, pax },
      ...{ major: fc.constantFrom(1, 511), minor: fc.constantFrom(3, 300, 0xfffff) },
    }),
  },
  { weight: 3, arbitrary: path.map((at) => ({ name: at.replace(/[^/]*$/, '.wh.$&') })) },
  { weight: 2, arbitrary: path.map((at) => ({ name: `${at}/.wh..wh..opq` })) },
  { weight: 1, arbitrary: fc.constant({ name: '.wh..wh..opq' }) },
);

check('random tars show what unpacking them makes, or are refused as that refuses them', async () => {
  const lower = join(base, 'lower');
  for (const at of ['a/b/c', 'b', 'c/d']) mkdirSync(join(lower, at), { recursive: true, mode: 0o711 });
  for (const at of ['a/a', 'b/c', 'd']) writeFileSync(join(lower, at), 'lower');
  const refusal = (error: unknown): undefined => {
    assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
  };
  let shown = 0;
  const tars = fc.array(entries, { minLength: 1, maxLength: 9 });
  for (const layer of fc.sample(tars, { numRuns: 90, seed: 12 })) {
    const tar = keep(rawTar(...layer));
    const unpacked = await unpack(tar, lower).catch(refusal);
    const mounted = await mount(tar, lower).catch(refusal);
    assert.is(mounted === undefined, unpacked === undefined, JSON.stringify(layer));
    if (!unpacked || !mounted) continue;
    shown++;
    assert.equal(mounted.opaque, unpacked.opaque, JSON.stringify(layer));
    assert.equal(listed(mounted.path), listed(unpacked.path), JSON.stringify(layer));
  }
  assert.ok(shown > 35, `only ${shown} were shown`);
});

check('several tars in one index look as their own indexes do, one on the other', async () => {
  const bottom = join(base, 'bottom');
  for (const at of ['a/b/c', 'b', 'c/d', 'd/d'])
    mkdirSync(join(bottom, at), { recursive: true, mode: 0o711 });
  for (const at of ['a/a', 'b/c', 'a/b/d', 'd/d/a']) writeFileSync(join(bottom, at), 'bottom');
  const stacks = fc.array(fc.array(entries, { minLength: 1, maxLength: 5 }), { minLength: 3, maxLength: 3 });
  const pairs: string[] = [];
  for (const layers of fc.sample(stacks, { numRuns: 50, seed: 5 })) {
    const single: LayerDirectory[] = [{ directory: bottom, opaque: new Set() }];
    const tars: LayerTar[] = [];
    try {
      for (const layer of layers) {
        const tar = { path: keep(rawTar(...layer)), parent: createMergedTree([...single]).lstat };
        const index = join(base, `index${count++}`);
        const made = await indexTars([tar], index, signal);
        single.unshift({ directory: mounter!.mount(index, [tar.path]), opaque: new Set(made!.opaque) });
        tars.push(tar);
      }
    } catch (error) {
      if (!isSlipwayError(error) || error.code !== 'ERR_BAD_ARCHIVE') throw error;
      continue;
    }
    const index = join(base, `index${count++}`);
    const made = await indexTars(tars, index, signal);
    const devices = tars.map(({ path: file }) => file);
    const joined = { directory: mounter!.mount(index, devices), opaque: new Set(made!.opaque) };
    pairs.push(lowersOf(single), lowersOf([joined, single.at(-1)!]));
  }
  assert.ok(pairs.length > 20);
  const seen = listOverlays(pairs);
  assert.is(seen.length, pairs.length);
  for (let at = 0; at < pairs.length; at += 2) assert.is(seen[at + 1], seen[at], pairs[at]);
});

/** The directories of a mount, topmost first; overlayfs heeds no mark on a root, and needs two. */
function lowersOf(layers: readonly LayerDirectory[]): string {
  const cut = layers.findIndex(({ opaque }) => opaque.has('/'));
  const seen = cut < 0 ? layers : layers.slice(0, cut + 1);
  return [...seen.map(({ directory }) => directory), join(base, 'empty')].join(':');
}

/** What is seen of each: names, metadata, content. */
function listOverlays(lowers: readonly string[]): string[] {
  for (const name of ['empty', 'mounted']) mkdirSync(join(base, name));
  const script = `cd "$1" && shift && for lowers; do
    mount -t overlay overlay -o "lowerdir=$lowers" mounted && (
      cd mounted && find . -printf '%P %y %m %U:%G %T@ %l\\n' | sort && find . -type f -exec sha256sum {} + | sort
    ) && umount mounted && echo = || exit 1
  done`;
  const argv = ['-m', 'sh', '-c', script, 'sh', base, ...lowers];
  const { stdout, stderr, status } = spawnSync('unshare', argv, { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.is(status, 0, stderr);
  return stdout.split('=\n').slice(0, -1);
}

check('a directory of 100,000 entries, of all lengths of names, is found and listed', async () => {
  const names = Array.from({ length: 100_000 }, (_, n) => `${'!-.Az\u00e9~'[n % 7]}${n}`);
  for (const length of [250, 255]) names.push('n'.repeat(length));
  const tar = keep(
    rawTar(
      ...names.map((each) =>
        rawEntry(each.length > 90 ? { pax: { path: `d/${each}` }, name: 'x' } : { name: `d/${each}` }),
      ),
    ),
  );
  const mounted = await mount(tar);
  assert.equal(readdirSync(`${mounted!.path}/d`).sort(), [...names].sort());
  for (const each of [...names.filter((_, n) => n % 997 === 0), ...names.slice(-2)])
    assert.ok(existsSync(`${mounted!.path}/d/${each}`), each);
  assert.not(existsSync(`${mounted!.path}/d/none`));
});

check('a file of 5 GiB is read at its end, and what follows it', async () => {
  const size = 5 * 2 ** 30 + 1;
  const tar = join(base, 'large.tar');
  const head = rawEntry({ name: 'large', pax: { size: String(size) } });
  const file = openSync(tar, 'w');
  writeSync(file, head);
  writeSync(file, Buffer.from('E'), 0, 1, head.length + size - 1);
  const padded = head.length + Math.ceil(size / 512) * 512;
  const after = rawTar({ name: 'after', body: 'follows' });
  writeSync(file, after, 0, after.length, padded);
  ftruncateSync(file, padded + after.length);
  closeSync(file);
  const mounted = await mount(tar);
  const large = openSync(`${mounted!.path}/large`, 'r');
  const end = Buffer.alloc(10);
  assert.is(readSync(large, end, 0, 10, size - 4), 4);
  closeSync(large);
  assert.is(end.toString('latin1'), '\0\0\0E\0\0\0\0\0\0');
  assert.is(statOf(`${mounted!.path}/large`).size, size);
  assert.is(readFileSync(`${mounted!.path}/after`, 'utf8'), 'follows');
});

check('a symbolic link with the longest target, and names that are no UTF-8', async () => {
  const link = `/${'t'.repeat(4094)}`;
  const tar = keep(
    rawTar(
      { name: 'l', type: '2', pax: { linkpath: link } },
      { name: Buffer.from('n\xff', 'latin1'), body: 'x' },
      { name: Buffer.from('d\x80/', 'latin1'), type: '5' },
    ),
  );
  const mounted = await mount(tar);
  assert.equal(listed(mounted!.path), listed((await unpack(tar)).path));
});

check('sparse files are left to unpacking', async () => {
  const map = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '3' };
  const tar = keep(
    rawTar({
      name: 's',
      pax: { ...map, 'GNU.sparse.name': 's' },
      body: Buffer.concat([Buffer.from('1\n0\n3\n'), Buffer.alloc(506), Buffer.from('abc')]),
    }),
  );
  assert.is(await mount(tar), undefined);
});

check('a tar that ends within a file is bad', async () => {
  const whole = rawTar({ name: 'f', body: 'x'.repeat(100_000) });
  const tar = keep(whole.subarray(0, 50_000));
  await rejects(mount(tar), 'ERR_BAD_ARCHIVE');
});

check('the same tar gives the same index', async () => {
  const tar = keep(rawTar({ name: 'a/b', body: 'x' }, { name: 'c', type: '2', link: 'a' }));
  const indexes: Buffer[] = [];
  for (const each of ['one', 'two']) {
    await indexTars([{ path: tar, parent: () => undefined }], join(base, each), signal);
    indexes.push(readFileSync(join(base, each)));
  }
  assert.ok(indexes[0]!.equals(indexes[1]!));
});

test('what no image can hold is left to unpacking or refused: names of attributes, paths that links make deep', async () => {
  const index = (): string => join(base, `index${count++}`);
  const made = (tar: Buffer) => indexTars([{ path: keep(tar), parent: () => undefined }], index(), signal);
  const attributes = (mark: string, name: number, value: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: 250 }, (_, at) => [
        `SCHILY.xattr.user.${mark}${at}${'n'.repeat(name)}`,
        'v'.repeat(value),
      ]),
    );
  const dir = (pax: Record<string, string>): RawEntry => ({ name: 'd/', type: '5', pax });
  assert.is(await made(rawTar({ name: 'a', pax: attributes('a', 230, 100) })), undefined);
  assert.ok(await made(rawTar(dir(attributes('a', 100, 50)))));
  // Each time the directory is said, it has more.
  const more = ['a', 'b', 'c'].map((mark) => dir(attributes(mark, 100, 50)));
  assert.is(await made(rawTar(...more)), undefined);
  const deep = 'd/'.repeat(1500);
  const jump = (from: string, to: string): RawEntry => ({
    name: 'x',
    type: '2',
    pax: { path: from, linkpath: to },
  });
  const links = rawTar({ name: 'x', pax: { path: `${deep}x` } }, jump('one', deep), {
    name: 'x',
    pax: { path: `one/${deep}x` },
  });
  await rejects(made(links), 'ERR_BAD_ARCHIVE', /4096/);
});

test.run();
