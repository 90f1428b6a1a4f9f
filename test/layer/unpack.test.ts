// What unpackLayer makes of whiteouts, missing parents, links and metadata, in both forms.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { readNames } from '../../src/fs/path-bytes.ts';
import { loadSys } from '../../src/fs/sys.ts';
import { type UnpackOptions, type UnpackResult, unpackLayer } from '../../src/layer/unpack.ts';
import type { TreeEntry } from '../../src/seams.ts';
import { requireFeature } from '../support/require-feature.ts';
import { pieces, type RawEntry, rawEntry, rawTar } from './tar-build.ts';
import { statOf, treeEntries } from './tree-entries.ts';

const isRoot = process.getuid?.() === 0;
const base = mkdtempSync(join(tmpdir(), 'slipway-unpack-'));
const test = suite('layer/unpack');
test.after(() => rmSync(base, { recursive: true }));

const { signal } = new AbortController();

function fresh(): string {
  return mkdtempSync(join(base, 'root-'));
}

function unpack(root: string, bytes: Buffer, options: Partial<UnpackOptions> = {}): Promise<UnpackResult> {
  return unpackLayer(pieces(bytes, 5000), root, {
    form: 'overlay',
    overlayXattr: 'trusted.overlay',
    signal,
    owners: isRoot ? 'exact' : 'if-allowed',
    ...options,
  });
}

function names(root: string): string[] {
  return [...treeEntries(root)].map(({ path }) => path);
}

const file = (name: string, body = name): RawEntry => ({ name, body });
const dir = (name: string): RawEntry => ({ name: `${name}/`, type: '5', mode: 0o755 });

/** Every order of a layer's entries. */
function* orders<T>(items: T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const item of items) {
    for (const rest of orders(items.filter((other) => other !== item))) yield [item, ...rest];
  }
}

test('overlay: whiteouts become devices 0:0 and opaque marks attributes, wherever they stand', async () => {
  if (!requireFeature('root', isRoot)) return;
  const sys = loadSys();
  const entries = [
    file('.wh.gone', ''),
    file('dir/.wh..wh..opq', ''),
    file('dir/kept'),
    file('new/.wh.x', ''),
    file('replaced/.wh.f', ''),
    file('replaced/f'),
  ];
  for (const order of [entries, entries.toReversed()]) {
    const root = fresh();
    const { opaque } = await unpack(root, rawTar(...order));
    assert.equal(opaque, ['/dir']);
    assert.equal(names(root), ['dir', 'dir/kept', 'gone', 'new', 'new/x', 'replaced', 'replaced/f']);
    for (const name of ['gone', 'new/x']) {
      const stat = statOf(join(root, name));
      assert.equal([stat.type, stat.major, stat.minor], ['char', 0, 0]);
    }
    assert.is(statOf(join(root, 'replaced/f')).type, 'file');
    assert.equal(sys.getXattr(join(root, 'dir'), 'trusted.overlay.opaque'), Buffer.from('y'));
    assert.is(sys.getXattr(join(root, 'new'), 'trusted.overlay.opaque'), undefined);
  }
});

test('overlay: a directory that the same layer deletes and makes is opaque, in any order', async () => {
  if (!requireFeature('root', isRoot)) return;
  for (const order of orders([file('.wh.d', ''), dir('d'), file('d/f')])) {
    const root = fresh();
    assert.equal((await unpack(root, rawTar(...order))).opaque, ['/d']);
    assert.equal(names(root), ['d', 'd/f']);
  }
});

test('overlay: the kernel sees what the layers say', async () => {
  const lower = fresh();
  const upper = fresh();
  const merged = fresh();
  if (!requireFeature('overlay', isRoot)) return;
  await unpack(lower, rawTar(file('a/x'), file('b/x'), file('c'), file('d/x'), file('e')));
  await unpack(
    upper,
    rawTar(
      file('a/.wh..wh..opq', ''),
      file('a/y'),
      file('b/.wh.x', ''),
      file('.wh.c', ''),
      file('.wh.d', ''),
      file('d/z'),
      file('e', 'new'),
    ),
  );
  const script = `mount -t overlay overlay -o lowerdir=${upper}:${lower} ${merged} && cd ${merged} && find . | sort && cat e`;
  const result = spawnSync('unshare', ['-m', 'sh', '-c', script]);
  if (!requireFeature('overlay', result.status === 0)) return;
  assert.is(result.stdout.toString(), ['.', './a', './a/y', './b', './d', './d/z', './e', 'new'].join('\n'));
});

test('plain: whiteouts delete what lower layers left, never what the same layer brings', async () => {
  const lower = rawTar(
    dir('a'),
    file('a/old'),
    file('a/sub/old'),
    file('b'),
    dir('c'),
    file('c/x'),
    file('keep'),
  );
  const entries = [
    file('.wh.b', ''),
    file('a/.wh..wh..opq', ''),
    file('a/new'),
    file('a/sub/new'),
    file('.wh.c', ''),
    file('c/y'),
  ];
  for (const order of [entries, entries.toReversed()]) {
    const root = fresh();
    await unpack(root, lower, { form: 'plain' });
    await unpack(root, rawTar(...order), { form: 'plain' });
    assert.equal(names(root), ['a', 'a/new', 'a/sub', 'a/sub/new', 'c', 'c/y', 'keep']);
  }
});

test('plain: a file of a lower layer is replaced, not written to, so that its other names keep it', async () => {
  const root = fresh();
  await unpack(
    root,
    rawTar(file('a', 'old'), { name: 'b', type: '1', link: 'a' }, { name: 'l', type: '2', link: 'a' }),
    { form: 'plain' },
  );
  await unpack(root, rawTar(file('a', 'new'), file('l', 'no link')), { form: 'plain' });
  assert.equal(
    ['a', 'b', 'l'].map((name) => readFileSync(join(root, name), 'utf8')),
    ['new', 'old', 'no link'],
  );
});

test('plain: directories that are not in the layer keep their times', async () => {
  const root = fresh();
  await unpack(root, rawTar(dir('d')), { form: 'plain' });
  const before = statOf(join(root, 'd'));
  await unpack(root, rawTar(file('d/f')), { form: 'plain' });
  assert.equal(statOf(join(root, 'd')), before);
  assert.is(before.mtime, 10_000_000_000n);
});

test('missing parents get the metadata of the lower layers, else 0755', async () => {
  const lower: TreeEntry = {
    type: 'dir',
    mode: 0o1770,
    uid: 3,
    gid: 4,
    size: 0,
    mtime: 5_000_000_007n,
    major: 0,
    minor: 0,
    link: '',
  };
  const asked: string[] = [];
  const root = fresh();
  await unpack(root, rawTar(file('known/unknown/f')), {
    parent: (path) => {
      asked.push(path);
      return path === '/known' ? lower : undefined;
    },
  });
  assert.equal(asked, ['/', '/known', '/known/unknown']);
  const known = statOf(join(root, 'known'));
  assert.equal([known.mode, known.mtime], [lower.mode, lower.mtime]);
  if (isRoot) assert.equal([known.uid, known.gid], [3, 4]);
  assert.is(statOf(join(root, 'known/unknown')).mode, 0o755);
  assert.is(statOf(root).mode, 0o755);
});

test('a link as parent is followed inside the root, absolute ones too', async () => {
  const root = fresh();
  await unpack(
    root,
    rawTar(
      dir('usr/lib'),
      { name: 'lib', type: '2', link: 'usr/lib' },
      { name: 'abs', type: '2', link: '/usr/./lib/..' },
      file('lib/a'),
      file('abs/b'),
      { name: 'up', type: '2', link: '../../usr' },
      file('up/c'),
      { name: 'again', type: '1', link: 'lib/a' },
    ),
  );
  assert.equal(names(root), ['abs', 'again', 'lib', 'up', 'usr', 'usr/b', 'usr/c', 'usr/lib', 'usr/lib/a']);
  assert.is(readlinkSync(join(root, 'abs')), '/usr/./lib/..');
});

test('a later entry of a name wins; a directory over a directory keeps what is in it', async () => {
  const root = fresh();
  await unpack(
    root,
    rawTar(
      file('a', '1'),
      file('a', '2'),
      dir('d'),
      file('d/f'),
      { ...dir('d'), mode: 0o700 },
      file('x'),
      dir('x'),
      file('x/y'),
      dir('z'),
      file('z/deep/f'),
      file('z', 'file'),
      { name: 's', type: '2', link: '/etc' },
      dir('s'),
      file('s/f'),
    ),
  );
  assert.equal(names(root), ['a', 'd', 'd/f', 's', 's/f', 'x', 'x/y', 'z']);
  assert.is(readFileSync(join(root, 'a'), 'utf8'), '2');
  assert.is(statOf(join(root, 'd')).mode, 0o700);
});

test('modes survive the umask, and a directory without write permission can still be filled', async () => {
  const root = fresh();
  const before = process.umask(0o077);
  try {
    await unpack(
      root,
      rawTar(
        { ...dir('d'), mode: 0o555 },
        { ...file('d/f'), mode: 0o6777 },
        { name: 'p', type: '6', mode: 0o666 },
      ),
    );
  } finally {
    process.umask(before);
  }
  assert.equal(
    ['d', 'd/f', 'p'].map((name) => statOf(join(root, name)).mode),
    [0o555, 0o6777, 0o666],
  );
});

test('only user attributes and capabilities are kept, and none of overlayfs', async () => {
  const root = fresh();
  const pax = {
    'SCHILY.xattr.user.a': 'x',
    'SCHILY.xattr.user.overlay.redirect': '/etc',
    'SCHILY.xattr.trusted.overlay.redirect': '/etc',
    'SCHILY.xattr.security.selinux': 'x',
  };
  await unpack(root, rawTar({ ...dir('d'), pax }, { ...file('f'), pax }));
  const kept = loadSys().listXattr(join(root, 'f'));
  if (!requireFeature('user xattrs', kept.length > 0)) return;
  assert.equal(kept, ['user.a']);
  assert.equal(loadSys().listXattr(join(root, 'd')), ['user.a']);
});

test('a sparse file takes no more room than its data', async () => {
  const root = fresh();
  const pax = {
    'GNU.sparse.map': '10000000,5',
    'GNU.sparse.size': '20000000',
    'GNU.sparse.name': 'real-name',
  };
  await unpack(root, rawTar({ name: 'stand-in', body: 'hello', pax }));
  const stat = lstatSync(join(root, 'real-name'));
  assert.is(stat.size, 20_000_000);
  assert.ok(stat.blocks * 512 < 1_000_000);
  assert.is(readFileSync(join(root, 'real-name')).toString('utf8', 10_000_000, 10_000_005), 'hello');
});

test('metadata of aufs is skipped', async () => {
  const root = fresh();
  await unpack(root, rawTar(dir('.wh..wh.plnk'), file('.wh..wh.aufs', ''), file('a')));
  assert.equal(names(root), ['a']);
});

test('an archive of GNU tar comes out as GNU tar unpacks it', async () => {
  if (!requireFeature('GNU tar', /GNU tar/.test(spawnSync('tar', ['--version']).stdout?.toString() ?? '')))
    return;
  const source = fresh();
  execFileSync('sh', [
    '-ec',
    `cd ${source}; mkdir -p a/b; echo x > a/b/f; ln a/b/f hard; ln -s a link; head -c 200000 /dev/urandom > big; chmod 2750 a; chmod 4711 a/b/f; mkfifo p; touch -d '1960-01-01 00:00:00.25 UTC' big`,
  ]);
  for (const format of ['gnu', 'posix']) {
    const bytes = execFileSync('tar', [`--format=${format}`, '-C', source, '-cf', '-', '.'], {
      maxBuffer: 1 << 24,
    });
    const root = fresh();
    await unpack(root, bytes);
    const view = (path: string): unknown =>
      [...treeEntries(path, { withRoot: true })].map((entry) => {
        assert.is(entry.kind, 'entry');
        if (entry.kind !== 'entry') return undefined;
        const { link: _, mtime, ...stat } = entry.stat;
        return [
          entry.path,
          stat,
          entry.linkTarget,
          entry.hardLinkTo,
          format === 'posix' ? mtime : Math.floor(Number(mtime) / 1e9),
        ];
      });
    assert.equal(view(root), view(source));
    assert.equal(readFileSync(join(root, 'big')), readFileSync(join(source, 'big')));
  }
});

test('an abort stops it with its reason, an error of the source comes out as it is', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const broken = Object.assign(new Error('reset'), { code: 'ECONNRESET', syscall: 'read' });
  async function* source(abort: boolean): AsyncGenerator<Buffer> {
    yield rawEntry({ name: 'a', body: Buffer.alloc(100_000) }).subarray(0, 50_000);
    if (!abort) throw broken;
    controller.abort(reason);
    yield Buffer.alloc(500);
  }
  const options = {
    form: 'overlay',
    overlayXattr: 'trusted.overlay',
    signal: controller.signal,
    owners: 'if-allowed',
  } as const;
  assert.is(await unpackLayer(source(false), fresh(), options).catch((error: unknown) => error), broken);
  assert.is(await unpackLayer(source(true), fresh(), options).catch((error: unknown) => error), reason);
});

// Archives made to do harm: whatever they say, what lies outside the root stays as it is.

function attack(title: string, entries: (RawEntry | Buffer)[], expected: 'refused' | 'contained'): void {
  for (const form of ['overlay', 'plain'] as const) {
    test(`attack, ${form}: ${title} is ${expected}`, async () => {
      const place = mkdtempSync(join(base, 'attack-'));
      const root = join(place, 'root');
      mkdirSync(root);
      mkdirSync(join(place, 'outside'));
      writeFileSync(join(place, 'outside/sentinel'), 'untouched', { mode: 0o640 });
      writeFileSync(join(place, 'sentinel'), 'untouched', { mode: 0o640 });
      const look = (): unknown =>
        ['sentinel', 'outside', 'outside/sentinel'].map((name) => {
          const path = join(place, name);
          return [statOf(path), statOf(path).type === 'file' ? readFileSync(path, 'utf8') : readNames(path)];
        });
      const before = look();
      const located = entries.map((entry) => {
        if (Buffer.isBuffer(entry)) return entry;
        const here = (text: RawEntry['link']) => `${text ?? ''}`.replace('PLACE', place);
        return { ...entry, name: here(entry.name), link: here(entry.link) };
      });
      const error = await unpack(root, rawTar(...located), { form }).catch((caught: unknown) => caught);
      assert.equal(look(), before);
      assert.equal(readNames(place), ['outside', 'root', 'sentinel']);
      if (expected === 'contained') assert.not.ok(isSlipwayError(error), String(error));
      else assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
    });
  }
}

const link = (name: string, target: string): RawEntry => ({ name, type: '2', link: target });
const hard = (name: string, target: string): RawEntry => ({ name, type: '1', link: target });

attack('a name with ..', [file('../sentinel')], 'refused');
attack('a name with .. further in', [file('a/../../sentinel')], 'refused');
attack('an absolute name', [file('PLACE/sentinel')], 'contained');
attack('writing through a link', [link('a', 'PLACE/sentinel'), file('a', 'evil')], 'contained');
attack('writing through a relative link', [link('a', '../sentinel'), file('a', 'evil')], 'contained');
attack(
  'a directory over a link',
  [link('a', 'PLACE/outside'), { ...dir('a'), mode: 0o777 }, file('a/sentinel', 'evil')],
  'contained',
);
attack(
  'a parent that links out of the root',
  [link('a', 'PLACE/outside'), file('a/sentinel', 'evil')],
  'contained',
);
attack(
  'a parent that links out through ..',
  [link('a', '../outside'), file('a/sentinel', 'evil')],
  'contained',
);
attack(
  'a chain of links out of the root',
  [link('a', 'b/..'), link('b', '../..'), file('a/outside/sentinel', 'evil')],
  'contained',
);
attack('links that go round in circles', [link('a', 'b'), link('b', 'a'), file('a/x')], 'refused');
attack('a hard link to .. ', [hard('a', '../sentinel'), file('a', 'evil')], 'refused');
attack('a hard link to an absolute name', [hard('a', 'PLACE/sentinel')], 'refused');
attack('a hard link through a link', [link('l', 'PLACE/outside'), hard('a', 'l/sentinel')], 'refused');
attack(
  'a hard link to a link, then a mode',
  [link('l', '../sentinel'), hard('a', 'l'), { ...hard('b', 'a'), mode: 0o777 }],
  'contained',
);
attack('a hard link to nothing', [hard('a', 'absent')], 'refused');
attack('a hard link to a directory', [dir('d'), hard('a', 'd')], 'refused');
attack('a whiteout of ..', [file('.wh...', '')], 'refused');
attack('a whiteout of .', [file('d/.wh..', '')], 'refused');
attack('a whiteout of nothing', [file('.wh.', '')], 'refused');
attack('a whiteout through a link', [link('a', 'PLACE/outside'), file('a/.wh.sentinel', '')], 'contained');
attack(
  'an opaque mark through a link',
  [link('a', 'PLACE/outside'), file('a/.wh..wh..opq', '')],
  'contained',
);
attack('a whiteout above the root', [file('../.wh.sentinel', '')], 'refused');
attack(
  'a directory that becomes a link before its time is set',
  [dir('d'), dir('d/sub'), link('d', 'PLACE/outside'), file('e')],
  'contained',
);
attack(
  'a directory below that becomes a link',
  [dir('outside'), dir('outside/outside'), link('outside', 'PLACE')],
  'contained',
);
attack(
  'an attribute on a link',
  [link('a', 'PLACE/sentinel'), { ...link('a', 'PLACE/sentinel'), pax: { 'SCHILY.xattr.user.a': 'x' } }],
  'contained',
);
attack('a link as the root', [link('.', 'PLACE/outside'), file('sentinel')], 'refused');
attack('a file as a parent', [file('a'), file('a/b')], 'refused');
attack('a link without a target', [link('a', '')], 'refused');
attack('a name of a hundred thousand parts', [{ name: 'x', pax: { path: 'a/'.repeat(100_000) } }], 'refused');
attack('a part that is longer than names can be', [{ name: 'x', pax: { path: 'a'.repeat(300) } }], 'refused');
attack('a header of four gigabytes', [{ name: 'x', type: 'x', size: 2 ** 32 }], 'refused');
attack('a wrong checksum', [{ ...file('a'), checksumError: 1 }], 'refused');
attack('a body that ends early', [{ name: 'a', size: 1 << 20 }], 'refused');
attack(
  'a sparse file of a petabyte',
  [{ name: 'a', pax: { 'GNU.sparse.map': '', 'GNU.sparse.size': `${2 ** 50}` } }],
  'refused',
);
if (isRoot) {
  attack(
    'a device over a file',
    [file('a'), { name: 'a', type: '3', major: 1, minor: 3 }, file('a', 'x')],
    'contained',
  );
  attack('a device that can not be', [{ name: 'a', type: '3', major: 0o77777, minor: 3 }], 'refused');
}

test('writing into a device of the archive opens a new file instead', async () => {
  if (!requireFeature('root', isRoot)) return;
  const root = fresh();
  symlinkSync('/dev/null', join(root, 'pre'));
  await unpack(
    root,
    rawTar({ name: 'a', type: '3', major: 1, minor: 3 }, file('a', 'text'), file('pre', 'text')),
    { form: 'plain' },
  );
  assert.is(readFileSync(join(root, 'a'), 'utf8'), 'text');
  assert.ok(existsSync(join(root, 'pre')) && lstatSync(join(root, 'pre')).isFile());
});

test.run();
