import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createOverlaySnapshotter } from '../../src/snapshot/overlay.ts';
import { probeOverlay } from '../../src/snapshot/probe.ts';
import { snapshotterContract } from '../contract/snapshotter.ts';
import { requireFeature } from '../support/require-feature.ts';
import { openScript, runInRoot, scriptLayer, shorthand, unpackScript } from '../support/snapshot-steps.ts';

snapshotterContract({
  name: 'overlay',
  create: createOverlaySnapshotter,
  feature: 'overlay',
  available: await probeOverlay(tmpdir()),
});

const test = suite('overlay options');
const root = mkdtempSync(join(tmpdir(), 'overlay-options-'));

test.after(() => rmSync(root, { recursive: true, force: true }));

for (const [name, options] of [
  ['userxattr', { userxattr: true }],
  ['volatile', { volatile: true }],
] as const) {
  test(`${name}: a directory that was made again has lost what it held`, async () => {
    if (!requireFeature(`overlay ${name}`, await probeOverlay(root, { options: [name] }))) return;
    const directory = join(root, name);
    const snapshotter = createOverlaySnapshotter({
      directory,
      openLayer: openScript,
      unpack: unpackScript,
      ...options,
    });
    const layers = [scriptLayer('mkdir d; touch d/a d/b'), scriptLayer('opaque d; touch d/c')];
    await using active = await snapshotter.prepare(layers, new AbortController().signal);
    const { root: rootfs } = active;
    assert.ok(rootfs.type === 'overlay' && rootfs.options.includes(name));
    assert.is(runInRoot(rootfs, join(root, 'mnt'), 'ls d; rm -r d; mkdir d; touch d/e').toString(), 'c\n');
    assert.equal(shorthand(active.changes()), ['d', '!d/c', 'd/e']);
  });
}

test('views of one stack share what was read of it', async () => {
  if (!requireFeature('root', process.getuid?.() === 0)) return;
  const snapshotter = createOverlaySnapshotter({
    directory: join(root, 'shared'),
    openLayer: openScript,
    unpack: unpackScript,
  });
  const { signal } = new AbortController();
  const [one, two] = [
    await snapshotter.view([scriptLayer('touch a')], signal),
    await snapshotter.view([scriptLayer('touch a')], signal),
  ];
  assert.is(one.tree, two.tree);
});

test.run();
