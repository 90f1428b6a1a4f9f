import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
    assert.equal(shorthand(await active.changes(new AbortController().signal)), ['d', '!d/c', 'd/e']);
  });
}

test('a step can lie on what another has just written, and is kept on the layer that becomes of it', async () => {
  if (!requireFeature('overlay', await probeOverlay(root))) return;
  const directory = join(root, 'live');
  const options = { directory, openLayer: openScript, unpack: unpackScript };
  const snapshotter = createOverlaySnapshotter(options);
  const { signal } = new AbortController();
  const mountPoint = join(root, 'mnt');
  const base = scriptLayer('mkdir -p d/gone keep; touch d/a d/b d/gone/x keep/k');
  const named = (name: string) => ({ diffID: scriptLayer(name).diffID, size: undefined, blobs: [] });
  await using first = await snapshotter.prepare([base], signal);
  runInRoot(
    first.root,
    mountPoint,
    'rm d/a; rm -r d/gone; mkdir d/gone; touch d/new; touch keep; chmod 700 .',
  );
  const live = first.share();
  assert.ok(live);
  assert.equal(live.tree.readdir('/d'), ['b', 'gone', 'new']);
  assert.equal(live.tree.readdir('/d/gone'), []);
  assert.is(live.tree.lstat('/')?.mode, 0o755);
  await using second = live.prepare();
  assert.is(runInRoot(second.root, mountPoint, 'ls d; rm d/b; touch d/newer').toString(), 'b\ngone\nnew\n');
  assert.equal(shorthand(await second.changes(signal)), ['d', '!d/b', 'd/newer']);
  const before = shorthand(await first.changes(signal));
  assert.equal(before, ['d', '!d/a', 'd/gone', '!d/gone/x', 'd/new']);
  await first.commit(named('first').diffID);
  await second.commit(named('second').diffID, [base, named('first')]);
  const other = createOverlaySnapshotter(options);
  const { tree } = await other.view([base, named('first'), named('second')], signal);
  assert.equal(tree.readdir('/d'), ['gone', 'new', 'newer']);
  assert.equal(tree.readdir('/d/gone'), []);
});

test('what others lie on stays where the same layer was made before, until it is let go of', async () => {
  if (!requireFeature('overlay', await probeOverlay(root))) return;
  const directory = join(root, 'twice');
  const snapshotter = createOverlaySnapshotter({ directory, openLayer: openScript, unpack: unpackScript });
  const { signal } = new AbortController();
  const mountPoint = join(root, 'mnt');
  const { diffID } = scriptLayer('a');
  const steps = [await snapshotter.prepare([], signal), await snapshotter.prepare([], signal)];
  for (const { root: rootfs } of steps) runInRoot(rootfs, mountPoint, 'touch a');
  const live = steps[1]!.share();
  for (const active of steps) await active.commit(diffID);
  await using after = live!.prepare();
  assert.is(runInRoot(after.root, mountPoint, 'ls').toString(), 'a\n');
  await after[Symbol.asyncDispose]();
  snapshotter.release?.();
  assert.equal(readdirSync(join(directory, 'active')), []);
  assert.is(readdirSync(join(directory, 'l')).length, 3);
});

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
