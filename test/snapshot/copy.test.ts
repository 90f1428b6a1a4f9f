import { chmodSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ActiveSnapshot, Layer, OpenLayer, Snapshotter } from '../../src/seams.ts';
import { createCopySnapshotter } from '../../src/snapshot/copy.ts';
import { snapshotterContract } from '../contract/snapshotter.ts';
import { requireFeature } from '../support/require-feature.ts';
import {
  listTree,
  openScript,
  runInRoot,
  scriptLayer,
  shorthand,
  unpackScript,
} from '../support/snapshot-steps.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const available = process.getuid?.() === 0;
snapshotterContract({
  name: 'copy',
  create: createCopySnapshotter,
  feature: 'root',
  available,
  handsOn: true,
});

const test = suite('trees that go on');
const { signal } = new AbortController();
const base = scriptLayer('mkdir d; echo a >d/a; echo b >d/b; ln d/b d/c; touch -d @1000000000 d/a d/b');

interface Bench {
  snapshotter: Snapshotter;
  directory: string;
  /** Layers that were unpacked. */
  opened: string[];
  /** Runs a step and keeps what it left. */
  step(layers: Layer[], script: string): Promise<Layer>;
}

function createBench(dir: TempDir): Bench {
  const opened: string[] = [];
  const openLayer: OpenLayer = (layer, abort) => {
    opened.push((layer as Layer & { script: string }).script);
    return openScript(layer, abort);
  };
  const directory = dir.file('store');
  const snapshotter = createCopySnapshotter({ directory, openLayer, unpack: unpackScript });
  return {
    ...{ snapshotter, directory, opened },
    async step(layers, script) {
      await using active = await snapshotter.prepare(layers, signal);
      runInRoot(active.root, '', script);
      const layer = scriptLayer(script);
      await active.commit(layer.diffID);
      return layer;
    },
  };
}

const it = (title: string, body: (bench: Bench) => Promise<void>): void => {
  test(title, async () => {
    if (!requireFeature('root', available)) return;
    await using dir = await tempDir();
    await body(createBench(dir));
  });
};

const inodeOf = ({ writable }: ActiveSnapshot, path: string): number => statSync(writable + path).ino;
const names = (tree: Parameters<typeof listTree>[0]): string => Object.keys(listTree(tree)).join(' ');

it('a step gets the files of the one before, also where a layer came between', async ({
  snapshotter,
  step,
  opened,
}) => {
  const first = await step([base], 'touch one');
  await using second = await snapshotter.prepare([base, first], signal);
  const inode = inodeOf(second, '/d/a');
  await second.commit(scriptLayer('true').diffID);
  const layers = [base, first, scriptLayer('true'), scriptLayer('touch copied')];
  await using third = await snapshotter.prepare(layers, signal);
  assert.is(inodeOf(third, '/d/a'), inode);
  runInRoot(third.root, '', 'rm d/a; touch two');
  assert.equal(shorthand(await third.changes(signal)), ['d', '!d/a', 'two']);
  assert.equal(opened, [base.script, 'touch copied']);
});

it('a step that fails spoils nothing: what it had is made again', async ({ snapshotter, step }) => {
  const first = await step([base], 'echo one >one');
  {
    await using failed = await snapshotter.prepare([base, first], signal);
    runInRoot(failed.root, '', 'rm -r d; echo spoiled >one');
  }
  await using again = await snapshotter.prepare([base, first], signal);
  assert.is(runInRoot(again.root, '', 'cat one d/a').toString(), 'one\na\n');
  assert.equal(shorthand(await again.changes(signal)), []);
});

it('steps that run at once on the same files have their own', async ({ snapshotter, step }) => {
  const first = await step([base], 'touch one');
  const layers = [base, first];
  const both = await Promise.all([1, 2, 3].map(() => snapshotter.prepare(layers, signal)));
  for (const [index, active] of both.entries()) {
    runInRoot(active.root, '', `test -e one; rm d/a; touch new${index}`);
    assert.equal(shorthand(await active.changes(signal)), ['d', '!d/a', `new${index}`]);
    await active[Symbol.asyncDispose]();
  }
});

it('what somebody looks at, or has a view of, stays as it is', async ({ snapshotter, step }) => {
  const layers: Layer[] = [base, await step([base], 'touch one')];
  const look = await snapshotter.look!(layers, signal);
  {
    await using active = await snapshotter.prepare(layers, signal);
    runInRoot(active.root, '', 'rm -r d one');
    assert.is(names(look.tree), '/d /d/a /d/b /d/c /one');
  }
  look[Symbol.dispose]();
  layers.push(await step(layers, 'touch two'));
  const { tree } = await snapshotter.view(layers, signal);
  layers.push(await step(layers, 'rm -r d'));
  assert.is(names(tree), '/d /d/a /d/b /d/c /one /two');
});

it('what was looked at goes on after that', async ({ snapshotter, step, opened }) => {
  const layers: Layer[] = [base, await step([base], 'touch one')];
  let inode = 0;
  {
    using looked = await snapshotter.look!(layers, signal);
    inode = statSync(looked.tree.hostPath('/d/a')).ino;
  }
  await using active = await snapshotter.prepare([...layers, scriptLayer('touch copied')], signal);
  assert.is(inodeOf(active, '/d/a'), inode);
  assert.equal(opened, [base.script, 'touch copied']);
});

it('the last tree is there for those who come after', async ({ snapshotter, step, directory }) => {
  const layers: Layer[] = [base];
  for (const script of ['touch one', 'touch two']) layers.push(await step(layers, script));
  snapshotter.release?.();
  const openLayer: OpenLayer = () => {
    throw new Error('it was opened');
  };
  const other = createCopySnapshotter({ directory, openLayer, unpack: unpackScript });
  assert.is(names((await other.view(layers, signal)).tree), '/d /d/a /d/b /d/c /one /two');
});

it('what can’t be told by states is compared with the files as they were', async ({
  snapshotter,
  step,
  opened,
}) => {
  const layers: Layer[] = [base, await step([base], 'touch one')];
  await using active = await snapshotter.prepare(layers, signal);
  opened.length = 0;
  // As long as before, with the same time; and the same once more.
  runInRoot(active.root, '', 'echo c >d/a; touch -d @1000000000 d/a; chown 0:0 d/b');
  assert.equal(shorthand(await active.changes(signal)), ['d', 'd/a']);
  assert.equal(opened, [base.script, 'touch one'].slice(1));
});

it('a file that a mount hid is known by a copy of it', async ({ snapshotter, step, opened }) => {
  const layers: Layer[] = [base, await step([base], 'touch one')];
  opened.length = 0;
  for (const [change, changes] of [
    [false, []],
    [true, ['d', 'd/a']],
  ] as const) {
    await using active = await snapshotter.prepare(layers, signal);
    await active.hide?.(['/d/a', '/d', '/none']);
    const path = `${active.writable}/d/a`;
    renameSync(path, `${active.writable}/aside`);
    mkdirSync(path);
    chmodSync(path, 0o700);
    renameSync(path, `${active.writable}/dropped`);
    renameSync(`${active.writable}/aside`, path);
    runInRoot(active.root, '', 'rmdir dropped');
    if (change) runInRoot(active.root, '', 'echo c >d/a; touch -d @1000000000 d/a');
    assert.equal(shorthand(await active.changes(signal)), changes);
    const same = scriptLayer('true');
    if (!change) {
      await active.commit(same.diffID);
      layers.push(same);
    }
  }
  assert.equal(opened, []);
});

test.run();
