// Archives that are no layers: what ADD unpacks.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { type UnpackOptions, type UnpackResult, unpackLayer } from '../../src/layer/unpack.ts';

const test = suite('unpack an archive');

interface Member {
  name: string;
  data?: string;
  linkname?: string;
  type?: 'link' | 'directory';
}

async function unpack(
  members: Member[],
  check: (root: string, result: UnpackResult) => void,
  options: Partial<UnpackOptions> = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-archive-'));
  const root = join(folder, 'root');
  const tar = pack();
  for (const { name, data, linkname, type } of members) {
    if (type === 'directory') tar.entry({ name, type });
    else if (linkname === undefined) tar.entry({ name }, data ?? '');
    else
      tar.entry({
        name,
        type: type ?? 'symlink',
        linkname,
        mode: 0o640,
        uid: 1,
        gid: 2,
        mtime: new Date(7000),
      });
  }
  tar.finalize();
  try {
    await import('node:fs/promises').then(({ mkdir }) => mkdir(root));
    const signal = new AbortController().signal;
    const result = await unpackLayer(tar as AsyncIterable<Uint8Array>, root, {
      form: 'archive',
      overlayXattr: 'trusted.overlay',
      signal,
      ...options,
    });
    check(root, result);
    assert.equal(readdirSync(folder), ['root'], 'nothing beside the root');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a name that climbs above the root ends in it', () =>
  unpack(
    [
      { name: '../../evil', data: 'evil' },
      { name: '/abs/fine', data: 'fine' },
    ],
    (root) => {
      assert.is(readFileSync(join(root, 'evil'), 'utf8'), 'evil');
      assert.is(readFileSync(join(root, 'abs/fine'), 'utf8'), 'fine');
    },
  ));

test('a file that is named like a whiteout is a file', () =>
  unpack([{ name: '.wh.kept', data: 'x' }], (root) => assert.ok(existsSync(join(root, '.wh.kept')))));

test('a link to a directory of the archive is followed', () =>
  unpack(
    [
      { name: 'real/a', data: 'a' },
      { name: 'link', linkname: 'real' },
      { name: 'link/b', data: 'b' },
    ],
    (root) => assert.equal(readdirSync(join(root, 'real')), ['a', 'b']),
  ));

test('nothing is written behind a link whose target is not in the archive', async () => {
  try {
    await unpack(
      [
        { name: 'esc', linkname: '../../../tmp' },
        { name: 'esc/pwned', data: 'x' },
      ],
      () => assert.unreachable(),
    );
  } catch (error) {
    assert.ok(isSlipwayError(error) && error.code === 'ERR_BAD_ARCHIVE', String(error));
  }
});

test('folders that an archive leaves out are told apart from those that it holds', () =>
  unpack(
    [
      { name: 'a/b/c', data: 'x' },
      { name: 'd/e', data: 'x' },
      { name: 'd/', type: 'directory' },
    ],
    (_, { implied }) => assert.equal([...implied].sort(), ['/a', '/a/b']),
  ));

test('hard links to what an archive does not hold are handed back where they are wanted', () =>
  unpack(
    [
      { name: 'z', data: 'goes' },
      { name: 'z', linkname: 'lib/../there', type: 'link' },
      { name: 'sub/zz', linkname: '/z', type: 'link' },
      { name: 'own', data: 'x' },
      { name: 'same', linkname: 'own', type: 'link' },
    ],
    (root, { links }) => {
      const owner = { mode: 0o640, uid: 1, gid: 2, mtime: 7_000_000_000n };
      assert.equal(links, [
        { path: '/z', target: '/there', ...owner },
        { path: '/sub/zz', target: '/z', ...owner },
      ]);
      assert.equal(readdirSync(root).sort(), ['own', 'same', 'sub']);
    },
    { pendingLinks: true },
  ));

test.run();
