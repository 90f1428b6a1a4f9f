// tar-fs, another's packer and unpacker, as the cross-check on what it can carry: plain files, folders and links.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tarFs from 'tar-fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { treeEntries } from '../../src/export/files.ts';
import { packLayer } from '../../src/layer/tar-writer.ts';
import { unpackLayer } from '../../src/layer/unpack.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';

const test = suite('tar-fs');
const signal = new AbortController().signal;
/** Else modes lose the process's umask; the types do not know the option. */
const exact = { umask: 0, sort: true } as never;
const longName = `${'long-'.repeat(30)}name`;

function plainTree(root: string): void {
  mkdirSync(join(root, 'dir/empty'), { recursive: true });
  writeFileSync(join(root, 'dir/file'), 'content\n');
  writeFileSync(join(root, 'dir', longName), 'long');
  writeFileSync(join(root, 'größe'), 'ä');
  chmodSync(join(root, 'dir/file'), 0o750);
  symlinkSync('dir/file', join(root, 'link'));
  for (const name of ['dir/file', `dir/${longName}`, 'größe'])
    utimesSync(join(root, name), 1_600_000_000, 1_600_000_000);
}

function checkTree(root: string): void {
  assert.is(readFileSync(join(root, 'dir/file'), 'utf8'), 'content\n');
  assert.is(readFileSync(join(root, 'dir', longName), 'utf8'), 'long');
  assert.is(readFileSync(join(root, 'größe'), 'utf8'), 'ä');
  assert.is(readlinkSync(join(root, 'link')), 'dir/file');
  assert.ok(statSync(join(root, 'dir/empty')).isDirectory());
  assert.is(statSync(join(root, 'dir/file')).mode & 0o7777, 0o750);
  assert.is(statSync(join(root, 'dir/file')).mtimeMs, 1_600_000_000_000);
}

async function inFolders(work: (from: string, to: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-tar-fs-'));
  try {
    for (const name of ['from', 'to']) mkdirSync(join(folder, name));
    plainTree(join(folder, 'from'));
    await work(join(folder, 'from'), join(folder, 'to'));
    checkTree(join(folder, 'to'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what is packed here is unpacked by tar-fs', () =>
  inFolders((from, to) => {
    const tar = packLayer(treeEntries(createDirectoryTree(from), signal), { signal });
    return pipeline(Readable.from(tar), tarFs.extract(to, exact));
  }));

test('what tar-fs packs is unpacked here', () =>
  inFolders(async (from, to) => {
    const tar = tarFs.pack(from, exact) as AsyncIterable<Uint8Array>;
    await unpackLayer(tar, to, { form: 'plain', overlayXattr: 'trusted.overlay', signal });
  }));

test.run();
