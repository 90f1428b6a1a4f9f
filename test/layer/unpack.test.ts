// What unpackLayer makes of whiteouts, missing parents, links and metadata, in both forms.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSys } from '../../src/fs/sys.ts';
import { type UnpackOptions, type UnpackResult, unpackLayer } from '../../src/layer/unpack.ts';
import type { TreeEntry } from '../../src/seams.ts';
import { requireFeature } from '../support/require-feature.ts';
import { pieces, type RawEntry, rawEntry, rawTar } from './tar-build.ts';
import { statOf, treeEntries } from './tree-entries.ts';

const isRoot = process.getuid?.() === 0;
const base = mkdtempSync(join(tmpdir(), 'slipway-unpack-'));
const test = suite('layer/unpack');
test.after(() => {
  // Without root, what was unpacked may forbid its removal.
  spawnSync('chmod', ['-R', 'u+rwX', base]);
  rmSync(base, { recursive: true });
});

const { signal } = new AbortController();

function fresh(): string {
  return mkdtempSync(join(base, 'root-'));
}

function unpack(root: string, bytes: Buffer, options: Partial<UnpackOptions> = {}): Promise<UnpackResult> {
  return unpackLayer(pieces(bytes, 5000), root, {
    form: 'overlay',
    overlayXattr: isRoot ? 'trusted.overlay' : 'user.overlay',
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
  const script = `mount -t overlay overlay -o "lowerdir=$1:$2" "$3" && cd "$3" && find . | sort && cat e`;
  const result = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', upper, lower, merged]);
  if (!requireFeature('overlay', result.status === 0)) return;
  assert.is(result.stdout.toString(), ['.', './a', './a/y', './b', './d', './d/z', './e', 'new'].join('\n'));
});

test('overlay: a mark that hides nothing of what lower layers have is left out', async () => {
  if (!requireFeature('root', isRoot)) return;
  const lower = fresh();
  const root = fresh();
  await unpack(lower, rawTar(file('a/x'), file('b/x'), file('c/x'), file('d')));
  const parent = (path: string): TreeEntry | undefined => {
    return existsSync(lower + path) ? statOf(lower + path) : undefined;
  };
  const layer = rawTar(
    ...['a/.wh.absent', 'absent/.wh.x', 'absent/.wh..wh..opq', 'd/.wh.x', 'c/.wh.x'].map((name) =>
      file(name, ''),
    ),
    ...[file('b/.wh..wh..opq', ''), file('b/.wh.x', ''), file('.wh.a', ''), file('e'), file('e/.wh.x', '')],
  );
  const { opaque } = await unpack(`${root}/`, layer, { parent });
  assert.equal(names(root), ['a', 'b', 'c', 'c/x', 'e']);
  assert.is(statOf(join(root, 'a')).type, 'char');
  assert.equal(opaque, ['/b']);
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
    { form: isRoot ? 'overlay' : 'plain' },
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
  execFileSync(
    'sh',
    [
      '-ec',
      `mkdir -p a/b; echo x > a/b/f; ln a/b/f hard; ln -s a link; head -c 200000 /dev/urandom > big; chmod 2750 a; chmod 4711 a/b/f; mkfifo p; touch -d '1960-01-01 00:00:00.25 UTC' big`,
    ],
    { cwd: source },
  );
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
    overlayXattr: isRoot ? 'trusted.overlay' : 'user.overlay',
    signal: controller.signal,
    owners: 'if-allowed',
  } as const;
  assert.is(await unpackLayer(source(false), fresh(), options).catch((error: unknown) => error), broken);
  assert.is(await unpackLayer(source(true), fresh(), options).catch((error: unknown) => error), reason);
});

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
