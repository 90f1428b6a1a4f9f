// What erofs-utils say of our images: 1.8 reads blocks of 512 bytes, as tars need them.
import { spawnSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blankNode } from '../../src/erofs/node.ts';
import { renderImage } from '../../src/erofs/render-image.ts';
import { requireFeature } from '../support/require-feature.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type Planned, plant } from './plant.ts';

const test = suite('erofs/fsck');
const told = spawnSync('fsck.erofs', ['-V'], { encoding: 'utf8' });
const version = /\b(\d+)\.(\d+)/.exec(`${told.stdout}${told.stderr}`);
const atLeast = (minor: number): boolean =>
  version !== null && (Number(version[1]) > 1 || Number(version[2]) >= minor);

const directory = (children: [string, Planned][]): Planned => ({
  ...{ ...blankNode('dir'), mode: 0o755, seconds: 1 },
  children: new Map(children),
});

/** Each form that a directory, a link, attributes and content can have. */
function tree(blockSize: number): Planned {
  const many = Array.from({ length: 900 }, (_, n): [string, Planned] => [
    `${n}-${'x'.repeat(n % 90)}`,
    { ...blankNode('fifo'), mode: 0o600, uid: n },
  ]);
  const content = { device: 1, offset: blockSize, size: blockSize + 1 };
  const xattrs = { 'user.a': Buffer.from('value'), 'security.capability': Buffer.alloc(20, 1) };
  const file: Planned = { ...blankNode('file'), mode: 0o4755, content, xattrs };
  return directory([
    ['many', directory(many)],
    ['empty', directory([])],
    ['file', file],
    ['linked', file],
    ['nothing', blankNode('file')],
    ['short', { ...blankNode('symlink'), linkTarget: 'file' }],
    ['long', { ...blankNode('symlink'), linkTarget: 't'.repeat(4095) }],
    ['null', { ...blankNode('char'), major: 1, minor: 3 }],
    ['opaque', { ...directory([]), xattrs: { 'trusted.overlay.opaque': Buffer.from('y') } }],
  ]);
}

for (const { blockBits, minor } of [
  { blockBits: 12, minor: 5 },
  // Debian 12 has 1.5: a newer one is not to be asked for.
  ...(atLeast(8) ? [{ blockBits: 9, minor: 8 }] : []),
]) {
  test(`fsck.erofs finds nothing wrong with blocks of ${1 << blockBits} bytes`, async () => {
    if (!requireFeature(`fsck.erofs 1.${minor}`, atLeast(minor))) return;
    await using dir = await tempDir();
    const size = 4 << blockBits;
    const { nodes, root } = plant(tree(1 << blockBits));
    writeFileSync(
      dir.file('image'),
      Buffer.concat([...renderImage(nodes, { root, devices: [size], blockBits })]),
    );
    writeFileSync(dir.file('device'), Buffer.alloc(size, 'c'));
    const argv = ['--extract', `--device=${dir.file('device')}`, dir.file('image')];
    const checked = spawnSync('fsck.erofs', argv, { encoding: 'utf8' });
    assert.is(checked.status, 0, checked.stdout + checked.stderr);
    truncateSync(dir.file('image'), 1 << blockBits);
    assert.is.not(spawnSync('fsck.erofs', argv).status, 0);
  });
}

test.run();
