// A tree with one of everything, packed, and read back by this project's reader, GNU tar and Go's archive/tar (through umoci).
import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePath } from '../../src/fs/path-bytes.ts';
import { loadSys } from '../../src/fs/sys.ts';
import { readTar, type TarEntry } from '../../src/layer/tar-reader.ts';
import { packLayer } from '../../src/layer/tar-writer.ts';
import { unpackLayer } from '../../src/layer/unpack.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { LayerEntry } from '../../src/seams.ts';
import { requireFeature } from '../support/require-feature.ts';
import { collect, pieces } from './tar-build.ts';
import { treeEntries } from './tree-entries.ts';

type FileEntry = Extract<LayerEntry, { kind: 'entry' }>;

const isRoot = process.getuid?.() === 0;
const has = (command: string): boolean => !spawnSync(command, ['--version']).error;
const base = mkdtempSync(join(tmpdir(), 'slipway-tree-'));
const test = suite('layer/tar-writer tree');
test.after(() => rmSync(base, { recursive: true }));

/** A tree with one of everything, made by real commands. */
function makeTree(name: string): string {
  const root = join(base, name);
  mkdirSync(root);
  execFileSync(
    'sh',
    [
      '-ec',
      `
    mkdir -p usr/bin tmp empty deep
    echo hello > usr/bin/tool; chmod 4755 usr/bin/tool; chmod 2755 usr/bin; chmod 1777 tmp
    ln usr/bin/tool usr/bin/again; ln -s tool usr/bin/link; ln -s /absent/target dangling
    : > nothing; head -c 511 /dev/zero > b511; head -c 512 /dev/zero > b512; head -c 2500000 /dev/urandom > big
    mkfifo pipe; echo x > before-1970; touch -d '1969-12-30 12:00:00 UTC' before-1970
    echo x > later; touch -d '2400-01-01 00:00:00 UTC' later; touch -d '2020-05-05 05:05:05.678901234 UTC' nothing
    touch -h -d '2001-01-01 00:00:00 UTC' dangling
  `,
    ],
    { cwd: root },
  );
  const long = 'directory-with-a-long-name-'.repeat(4);
  mkdirSync(join(root, 'deep', long, long), { recursive: true });
  writeFileSync(join(root, 'deep', long, long, 'file'), 'deep');
  writeFileSync(join(root, 'n'.repeat(200)), 'long name');
  symlinkSync('t'.repeat(300), join(root, 'long-target'));
  linkSync(join(root, 'n'.repeat(200)), join(root, 'n'.repeat(201)));
  writeFileSync(join(root, 'ünï'), 'utf-8');
  writeFileSync(encodePath(`${root}/raw-\uDCFF\uDC80`), 'bytes');
  symlinkSync(encodePath('to-\uDCFE'), encodePath(`${root}/raw-link`));
  if (isRoot) {
    execFileSync(
      'sh',
      [
        '-ec',
        `
      mknod null c 1 3; mknod disk b 8 70000; chown 3000000:4000000 nothing; chown -h 5:6 dangling; chown 1000:1000 tmp
    `,
      ],
      { cwd: root },
    );
    const sys = loadSys();
    try {
      sys.setXattr(join(root, 'b511'), 'user.binary', Buffer.of(0, 1, 255, 10, 61));
      sys.setXattr(join(root, 'usr'), 'user.dir', Buffer.from('x'));
      sys.setXattr(
        join(root, 'big'),
        'security.capability',
        Buffer.from('0100000200040000000000000000000000000000', 'hex'),
      );
    } catch {
      requireFeature('xattrs', false);
    }
  }
  return root;
}

function wholeSeconds(mtime: bigint): bigint {
  return (mtime - (((mtime % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n;
}

async function read(bytes: Buffer): Promise<(Omit<TarEntry, 'body' | 'buffered'> & { content: Buffer })[]> {
  const entries = [];
  for await (const entry of readTar(pieces(bytes, 100_000))) {
    const { body, buffered: _, ...rest } = entry;
    entries.push({ ...rest, content: await collect(body()) });
  }
  return entries;
}

test('a tree with one of everything comes back from its tar, for this reader, GNU tar and Go', async () => {
  const root = makeTree('all');
  const entries = [...treeEntries(root, { withRoot: true, xattrs: true })] as FileEntry[];
  const bytes = await collect(packLayer(entries));
  const back = await read(bytes);
  assert.is(back.length, entries.length);
  back.forEach((entry, index) => {
    const { path, stat, hardLinkTo, linkTarget, xattrs } = entries[index]!;
    assert.is(entry.path, stat.type === 'dir' ? `${path || '.'}/` : path);
    assert.is(entry.type, hardLinkTo ? 'link' : stat.type);
    const seconds = wholeSeconds(stat.mtime) * 1_000_000_000n;
    assert.equal(
      [entry.mode, entry.uid, entry.gid, entry.mtime, entry.major, entry.minor, entry.linkName, entry.xattrs],
      [
        stat.mode,
        stat.uid,
        stat.gid,
        seconds,
        stat.major,
        stat.minor,
        hardLinkTo ?? linkTarget,
        hardLinkTo ? {} : xattrs,
      ],
      path,
    );
    if (entry.type === 'file')
      assert.ok(entry.content.equals(readFileSync(encodePath(`${root}/${path}`))), path);
  });

  const out = join(base, 'all-out');
  mkdirSync(out);
  const signal = new AbortController().signal;
  const { size } = await unpackLayer(pieces(bytes, 70_000), out, {
    form: 'overlay',
    overlayXattr: 'trusted.overlay',
    signal,
    owners: isRoot ? 'exact' : 'if-allowed',
  });
  assert.is(size, bytes.length);
  assert.ok(
    (await collect(packLayer(treeEntries(out, { withRoot: true, xattrs: true })))).equals(bytes),
    'packing what was unpacked gives the same tar',
  );

  const tarPath = join(base, 'all.tar');
  writeFileSync(tarPath, bytes);
  if (requireFeature('GNU tar', has('tar'))) {
    const { stdout, stderr, status } = spawnSync('tar', ['--xattrs', '-df', tarPath, '-C', root]);
    // It compares times to the nanosecond where the archive has whole seconds.
    const complaints = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line !== '' && !/Mod time differs/.test(line));
    assert.equal(complaints, [], `status ${status}`);
  }
  if (requireFeature('umoci as root', isRoot && has('umoci'))) compareWithUmoci(bytes, root);
});

/** Unpacks with Go's archive/tar; umoci itself can't set times beyond 2262. */
function compareWithUmoci(bytes: Buffer, root: string): void {
  const image = join(base, 'image');
  mkdirSync(join(image, 'blobs/sha256'), { recursive: true });
  const add = (mediaType: string, data: Buffer): object => {
    const digest = digestOf(data);
    writeFileSync(join(image, 'blobs/sha256', digest.slice(7)), data);
    return { mediaType, digest, size: data.length };
  };
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
  const layer = add('application/vnd.oci.image.layer.v1.tar', bytes);
  const config = add(
    'application/vnd.oci.image.config.v1+json',
    json({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(bytes)] },
    }),
  );
  const manifest = add(
    'application/vnd.oci.image.manifest.v1+json',
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [layer],
    }),
  );
  writeFileSync(join(image, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 't' } };
  writeFileSync(join(image, 'index.json'), json({ schemaVersion: 2, manifests: [named] }));
  execFileSync('umoci', ['raw', 'unpack', '--image', `${image}:t`, join(base, 'bundle')], { stdio: 'pipe' });
  const unpacked = [...treeEntries(join(base, 'bundle'), { xattrs: true })] as FileEntry[];
  const wanted = [...treeEntries(root, { xattrs: true })] as FileEntry[];
  const view = ({ path, stat, linkTarget, hardLinkTo, xattrs }: FileEntry): unknown => [
    path,
    stat.type,
    stat.mode,
    stat.uid,
    stat.gid,
    stat.size,
    stat.major,
    stat.minor,
    linkTarget,
    hardLinkTo,
    xattrs,
    path === 'later' ? 0n : wholeSeconds(stat.mtime),
  ];
  assert.equal(unpacked.map(view), wanted.map(view));
}

test.run();
