import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createImageMounter } from '../../src/fs/mount-image.ts';
import { indexTars } from '../../src/layer/index-tars.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import type { Layer } from '../../src/seams.ts';
import { createErofsSnapshotter } from '../../src/snapshot/erofs.ts';
import { probeErofs } from '../../src/snapshot/probe-erofs.ts';
import { type SnapshotterFactory, snapshotterContract } from '../contract/snapshotter.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { scriptTars } from '../support/script-tar.ts';
import { openScript, runInRoot, scriptLayer, unpackScript } from '../support/snapshot-steps.ts';

const root = mkdtempSync(join(tmpdir(), 'erofs-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const mounter = createImageMounter();

const available = (await probeErofs(root)) !== undefined;

const create: SnapshotterFactory['create'] = (options) =>
  createErofsSnapshotter({
    ...options,
    tars: scriptTars(`${options.directory}-tars`, options),
    index: indexTars,
    mount: (index, devices) => mounter!.mount(index, devices),
  });

snapshotterContract({ name: 'erofs', create, feature: 'erofs', available });

/** Some layers are mounted, others unpacked; the same ones each time. */
const createMixed: SnapshotterFactory['create'] = (options) =>
  createErofsSnapshotter({
    ...options,
    tars: scriptTars(`${options.directory}-tars`, options),
    index: indexTars,
    mount: (index, devices) => mounter!.mount(index, devices),
    mounts: ({ diffID }) => Number.parseInt(diffID.at(-1)!, 16) % 2 === 0,
  });

snapshotterContract({ name: 'mixed', create: createMixed, feature: 'erofs', available });

/** As it is where only steps can mount: names, metadata and content come from indexes and tars. */
const createUnmounted: SnapshotterFactory['create'] = (options) =>
  createErofsSnapshotter({
    ...options,
    tars: scriptTars(`${options.directory}-tars`, options),
    index: indexTars,
    mount: { form: 'file', scratch: mkdtempSync(join(root, 'scratch-')) },
  });

snapshotterContract({
  name: 'erofs, mounted by steps',
  create: createUnmounted,
  feature: 'erofs',
  available,
});

const test = suite('erofs stacks');
const { signal } = new AbortController();
const parts = { openLayer: openScript, unpack: unpackScript };

const check = (title: string, body: () => Promise<void>): void => {
  test(title, async () => {
    if (requireFeature('erofs', available)) await body();
  });
};

check('a long stack has few directories to look into, the same ones while it grows', async () => {
  const snapshotter = create({ directory: join(root, 'long'), ...parts });
  const layers = Array.from({ length: 40 }, (_, n) =>
    scriptLayer(`mkdir -p d; echo ${n} >d/last; touch d/${n}; ${n > 0 ? `gone d/${n - 1}` : ':'}`),
  );
  const lowers: string[][] = [];
  for (const count of [39, 40]) {
    const { root: mounted, tree } = await snapshotter.view(layers.slice(0, count), signal);
    assert.ok(mounted.type === 'overlay');
    lowers.push([...mounted.lowers].reverse());
    assert.is(lowers.at(-1)!.length, 2 + (count - 32));
    const seen = runInRoot(mounted, join(root, 'mnt'), 'ls d; cat d/last').toString();
    assert.is(seen, `${count - 1}\nlast\n${count - 1}\n`);
    assert.equal(tree.readdir('/d'), [String(count - 1), 'last']);
  }
  assert.equal(lowers[1]!.slice(0, -1), lowers[0]);
});

check('what steps wrote lies between layers that are mounted', async () => {
  const snapshotter = create({ directory: join(root, 'mixed'), ...parts });
  const layers: Layer[] = [scriptLayer('mkdir d; touch d/a d/b')];
  await using active = await snapshotter.prepare(layers, signal);
  runInRoot(active.root, join(root, 'mnt'), 'rm d/a; touch d/c');
  await active.commit(digestOf('a step') as string as DiffID);
  layers.push({ diffID: digestOf('a step') as string as DiffID, size: undefined, blobs: [] });
  layers.push(scriptLayer('mkdir -p d; touch d/e; gone d/c'));
  const { root: mounted, tree } = await snapshotter.view(layers, signal);
  assert.is(runInRoot(mounted, join(root, 'mnt'), 'ls d').toString(), 'b\ne\n');
  assert.equal(tree.readdir('/d'), ['b', 'e']);
  assert.is(readFileSync(tree.hostPath('/d/b'), 'utf8'), '');
});

check('a layer that no index can show is unpacked', async () => {
  const directory = join(root, 'refused');
  const tars = scriptTars(`${directory}-tars`, parts);
  const index = async (): Promise<undefined> => undefined;
  const mount = (): string => assert.unreachable('nothing is to be mounted') as never;
  const snapshotter = createErofsSnapshotter({ directory, ...parts, tars, index, mount });
  const { tree } = await snapshotter.view([scriptLayer('echo text >f')], signal);
  assert.is(readFileSync(tree.hostPath('/f'), 'utf8'), 'text\n');
});

check('what is not worth a mount is unpacked, without its tar being asked for', async () => {
  const directory = join(root, 'chosen');
  const [large, small] = [scriptLayer('echo large >f'), scriptLayer('echo small >g')];
  const tars = scriptTars(`${directory}-tars`, parts);
  const asked: Layer[] = [];
  const read: typeof tars.read = (layer, ...rest) => {
    asked.push(layer);
    return tars.read(layer, ...rest);
  };
  const snapshotter = createErofsSnapshotter({
    ...{ directory, ...parts, index: indexTars, mount: (...given) => mounter!.mount(...given) },
    tars: { ...tars, read },
    mounts: (layer) => layer === large,
  });
  const { root: mounted, tree } = await snapshotter.view([large, small], signal);
  assert.equal(asked, [large]);
  assert.is(runInRoot(mounted, join(root, 'mnt'), 'cat f g').toString(), 'large\nsmall\n');
  assert.is(tree.hostPath('/g'), join(directory, 'l/65/g'));
});

check('an index that was damaged is made anew, once', async () => {
  const directory = join(root, 'damaged');
  const tars = scriptTars(`${directory}-tars`, parts);
  const layers = [scriptLayer('touch a')];
  await create({ directory, ...parts }).view(layers, signal);
  truncateSync(join(directory, 'l/64/index.erofs'), 1024);
  const told: string[] = [];
  const onDamage = (diffID: string): void => void told.push(diffID);
  const options = { ...parts, directory, onDamage, index: indexTars, tars };
  const healing = createErofsSnapshotter({ ...options, mount: (...given) => mounter!.mount(...given) });
  const { tree } = await healing.view(layers, signal);
  assert.is(tree.lstat('/a')?.type, 'file');
  assert.equal(told, [layers[0]!.diffID]);
  let tries = 0;
  const mount = () => {
    tries++;
    throw new Error('no');
  };
  await rejects(
    createErofsSnapshotter({ ...options, mount }).view(layers, signal),
    'ERR_STORE',
    /slipway prune/,
  );
  assert.is(tries, 2);
});

test.run();
