import { execFileSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unpackLayer } from '../../src/layer/unpack.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import type { Layer, OpenLayer } from '../../src/seams.ts';
import { createCopySnapshotter } from '../../src/snapshot/copy.ts';
import { createOverlaySnapshotter } from '../../src/snapshot/overlay.ts';
import { requireFeature } from '../support/require-feature.ts';
import { listTree } from '../support/snapshot-steps.ts';

const test = suite('unpacked layers');
const root = mkdtempSync(join(tmpdir(), 'unpacked-layers-'));
const tars = new Map<DiffID, string>();
const openLayer: OpenLayer = (layer) => createReadStream(tars.get(layer.diffID)!);

test.after(() => rmSync(root, { recursive: true, force: true }));

/** A layer tar of what a script makes, as GNU tar writes it. */
function tarLayer(script: string): Layer {
  const directory = join(root, `layer${tars.size}`);
  mkdirSync(directory);
  execFileSync('sh', ['-ec', `umask 022; ${script}`], { cwd: directory });
  execFileSync('tar', ['--sort=name', '--format=pax', '-cf', `${directory}.tar`, '-C', directory, '.']);
  const diffID = digestOf(readFileSync(`${directory}.tar`)) as string as DiffID;
  tars.set(diffID, `${directory}.tar`);
  return { diffID, size: undefined, blobs: [] };
}

test('both snapshotters make the same tree of the same tars', async () => {
  if (!requireFeature('root', process.getuid?.() === 0)) return;
  const layers = [
    tarLayer(
      'mkdir -p opt/dir opt/gone usr/lib; ln -s usr/lib lib; echo a >opt/a; echo b >opt/b; ln opt/a opt/dir/x; echo z >opt/gone/z',
    ),
    tarLayer(
      'mkdir -p opt/dir; touch opt/.wh.b opt/.wh.gone opt/dir/.wh..wh..opq; echo n >opt/dir/new; mkfifo p; mknod c c 1 3',
    ),
    tarLayer('mkdir opt; chmod 711 opt; touch opt/.wh.dir; echo dir >opt/b; chmod 750 .; chown 3:4 .'),
    tarLayer('mkdir -p opt/dir; echo l >opt/dir/last; ln -s last opt/dir/l'),
  ];
  const { signal } = new AbortController();
  const [overlay, copy] = [createOverlaySnapshotter, createCopySnapshotter].map((create) =>
    create({ directory: join(root, create.name), openLayer, unpack: unpackLayer }),
  );
  for (let count = 1; count <= layers.length; count++) {
    const views = await Promise.all([overlay!, copy!].map((one) => one.view(layers.slice(0, count), signal)));
    const [merged, plain] = views.map(({ tree }) => ({ root: tree.lstat('/'), files: listTree(tree) }));
    assert.equal(merged!.files, plain!.files, `${count} layers`);
    assert.equal({ ...merged!.root, link: '' }, { ...plain!.root, link: '' }, `root of ${count} layers`);
  }
  const { tree } = await overlay!.view(layers, signal);
  assert.equal(tree.readdir('/opt'), ['a', 'b', 'dir']);
  assert.equal(tree.readdir('/opt/dir'), ['l', 'last']);
});

test.run();
