// What every snapshotter does, as a suite over an implementation: unpacking stacks, and telling what a step changed.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DiffID } from '../../src/oci/digest.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { ActiveSnapshot, Layer, LayerEntry, OpenLayer, Snapshotter } from '../../src/seams.ts';
import { sweep } from '../../src/snapshot/sweep.ts';
import type { UnpackLayer } from '../../src/snapshot/unpack-layer.ts';
import { requireFeature } from '../support/require-feature.ts';
import {
  listTree,
  openScript,
  runInRoot,
  scriptLayer,
  shorthand,
  unpackScript,
} from '../support/snapshot-steps.ts';
import { stepCases } from './snapshotter-steps.ts';

export interface SnapshotterFactory {
  name: string;
  create(options: { directory: string; openLayer: OpenLayer; unpack: UnpackLayer }): Snapshotter;
  /** A step may get the very files that the one before left. */
  handsOn?: boolean;
  /** What the machine must have for it. */
  feature: string;
  available: boolean;
}

export function snapshotterContract(factory: SnapshotterFactory): void {
  const test = suite(`${factory.name} snapshotter`);
  const root = mkdtempSync(join(tmpdir(), 'snapshotter-'));
  const mountPoint = join(root, 'mnt');
  const { signal } = new AbortController();
  let opened = 0;
  const counting: OpenLayer = (layer, abort) => {
    opened++;
    return openScript(layer, abort);
  };
  let stores = 0;
  const create = (options: { directory?: string; unpack?: UnpackLayer } = {}): Snapshotter =>
    factory.create({
      directory: options.directory ?? join(root, `store${stores++}`),
      openLayer: counting,
      unpack: options.unpack ?? unpackScript,
    });
  const check = (title: string, body: () => Promise<void>): void => {
    test(title, async () => {
      if (requireFeature(factory.feature, factory.available)) await body();
    });
  };
  const names = (snapshotter: Snapshotter, layers: Layer[]): Promise<string[]> =>
    snapshotter.view(layers, signal).then(({ tree }) => Object.keys(listTree(tree)));
  const commitStep = async (snapshotter: Snapshotter, layers: Layer[], script: string): Promise<Layer> => {
    await using active = await snapshotter.prepare(layers, signal);
    runInRoot(active.root, mountPoint, script);
    const diffID = digestOf(`${script} on ${layers.length}`) as string as DiffID;
    await active.commit(diffID);
    return { diffID, size: undefined, blobs: [] };
  };

  test.after(() => rmSync(root, { recursive: true, force: true }));

  check('no layers are an empty root', async () => {
    const view = await create().view([], signal);
    assert.is(view.chainID, undefined);
    assert.is(view.tree.lstat('/')?.type, 'dir');
    assert.equal(view.tree.readdir('/'), []);
    assert.is(runInRoot(view.root, mountPoint, 'ls -A').toString(), '');
  });

  check(
    'a stack is unpacked lowest first, and its whiteouts and opaque directories hide what is below',
    async () => {
      const layers = [
        scriptLayer('mkdir -p opt/dir opt/gone opt/keep; touch opt/a opt/b opt/dir/x opt/gone/z opt/keep/k'),
        scriptLayer(
          'mkdir -p opt opt/keep; gone opt/b; gone opt/gone; opaque opt/dir; touch opt/dir/new opt/keep/l',
        ),
        scriptLayer('mkdir -p opt/gone; touch opt/gone/again'),
      ];
      const view = await create().view(layers, signal);
      const expected =
        '/opt /opt/a /opt/dir /opt/dir/new /opt/gone /opt/gone/again /opt/keep /opt/keep/k /opt/keep/l'.split(
          ' ',
        );
      assert.equal(Object.keys(listTree(view.tree)), expected);
      const mounted = runInRoot(view.root, mountPoint, 'find . -mindepth 1 | sort | cut -c 2-').toString();
      assert.equal(mounted.trim().split('\n'), expected);
    },
  );

  check('an opaque root hides all lower layers', async () => {
    const layers = [scriptLayer('touch a'), scriptLayer('opaque ""; touch b')];
    const view = await create({ unpack: opaqueRoot }).view(layers, signal);
    assert.equal(Object.keys(listTree(view.tree)), ['/b']);
    assert.is(runInRoot(view.root, mountPoint, 'ls -A').toString(), 'b\n');
  });

  check('what is unpacked is not opened again, by another process neither', async () => {
    const directory = join(root, 'kept');
    const layers = [scriptLayer('touch a'), scriptLayer('touch b')];
    const snapshotter = create({ directory });
    await snapshotter.view(layers, signal);
    opened = 0;
    assert.equal(await names(snapshotter, layers), ['/a', '/b']);
    assert.equal(await names(create({ directory }), layers), ['/a', '/b']);
    assert.is(opened, 0);
  });

  check('the same layer on another stack is another snapshot', async () => {
    const top = scriptLayer('touch t');
    const snapshotter = create();
    assert.equal(await names(snapshotter, [scriptLayer('touch a'), top]), ['/a', '/t']);
    assert.equal(await names(snapshotter, [scriptLayer('touch b'), top]), ['/b', '/t']);
  });

  check('those who want a stack at the same time share the work', async () => {
    const directory = join(root, 'shared');
    const snapshotter = create({ directory });
    const layers = [scriptLayer('touch one'), scriptLayer('touch two')];
    opened = 0;
    const views = await Promise.all([1, 2, 3].map(() => names(snapshotter, layers)));
    views.push(...(await Promise.all([1, 2].map(() => names(create({ directory }), layers)))));
    for (const view of views) assert.equal(view, ['/one', '/two']);
    assert.is(opened, 2);
  });

  check('a caller that is aborted does not take the others with it', async () => {
    const aborting = new AbortController();
    let runs = 0;
    const unpack: UnpackLayer = async (source, directory, options) => {
      if (++runs === 1) {
        aborting.abort(new Error('enough'));
        options.signal.throwIfAborted();
      }
      return await unpackScript(source, directory, options);
    };
    const snapshotter = create({ unpack });
    const layers = [scriptLayer('touch a')];
    const first = snapshotter.view(layers, aborting.signal).catch((error: Error) => error.message);
    const second = names(snapshotter, layers);
    assert.is(await first, 'enough');
    assert.equal(await second, ['/a']);
  });

  check('a layer that cannot be unpacked leaves nothing', async () => {
    let broken = true;
    const unpack: UnpackLayer = async (source, directory, options) => {
      const result = await unpackScript(source, directory, options);
      if (broken) throw new Error('broken');
      return result;
    };
    const directory = join(root, 'broken');
    const snapshotter = create({ directory, unpack });
    const layers = [scriptLayer('touch a')];
    assert.is(await snapshotter.view(layers, signal).catch((error: Error) => error.message), 'broken');
    assert.equal(readdirSync(join(directory, 'chains')), []);
    snapshotter.release?.();
    assert.equal(readdirSync(join(directory, 'active')), []);
    broken = false;
    assert.equal(await names(snapshotter, layers), ['/a']);
  });

  const cases = [false, ...(factory.handsOn ? [true] : [])].flatMap((follows) =>
    stepCases.map((step) => ({ ...step, follows })),
  );
  for (const step of cases) {
    check(`changes of a step${step.follows ? ' that follows another' : ''}: ${step.title}`, async () => {
      const snapshotter = create();
      const layers = (step.layers ?? []).map(scriptLayer);
      if (step.follows) {
        const nothing = scriptLayer('true');
        await using before = await snapshotter.prepare(layers, signal);
        await before.commit(nothing.diffID);
        layers.push(nothing);
      }
      await using active = await snapshotter.prepare(layers, signal);
      runInRoot(active.root, mountPoint, step.script);
      const changes = [...(await active.changes(signal))];
      assert.equal(shorthand(changes), step.changes);
      for (const [path, expected] of Object.entries(step.entries ?? {})) {
        const found = changes.find((entry) => entry.path === path);
        assert.equal(pick(found, Object.keys(expected)), expected, path);
      }
      await active.commit(digestOf(step.title) as string as DiffID);
      const layer = { diffID: digestOf(step.title) as string as DiffID, size: undefined, blobs: [] };
      const view = await snapshotter.view([...layers, layer], signal);
      assert.equal(Object.keys(listTree(view.tree)), step.after, 'after');
    });
  }

  check('a committed step is a snapshot that nobody unpacks', async () => {
    const snapshotter = create();
    const layers: Layer[] = [scriptLayer('touch a')];
    layers.push(await commitStep(snapshotter, layers, 'rm a; touch b'));
    layers.push(await commitStep(snapshotter, layers, 'touch c'));
    opened = 0;
    assert.equal(await names(snapshotter, layers), ['/b', '/c']);
    assert.is(opened, 0);
  });

  check('committing twice, and two steps with the same outcome, keep one snapshot', async () => {
    const directory = join(root, 'twice');
    const snapshotter = create({ directory });
    await using one = await snapshotter.prepare([], signal);
    await using two = await snapshotter.prepare([], signal);
    for (const active of [one, two]) runInRoot(active.root, mountPoint, 'touch a');
    const diffID = digestOf('a') as string as DiffID;
    await one.commit(diffID);
    await one.commit(diffID);
    await two.commit(diffID);
    snapshotter.release?.();
    assert.is(readdirSync(join(directory, 'chains')).length, 1);
    assert.equal(readdirSync(join(directory, 'active')), []);
    assert.equal(await names(snapshotter, [{ diffID, size: undefined, blobs: [] }]), ['/a']);
  });

  check('a step that is not committed leaves only trash, which a sweep deletes', async () => {
    const directory = join(root, 'discarded');
    const snapshotter = create({ directory });
    {
      await using active: ActiveSnapshot = await snapshotter.prepare([scriptLayer('touch a')], signal);
      runInRoot(active.root, mountPoint, 'mkdir -p d/e; touch b');
    }
    snapshotter.release?.();
    assert.equal(readdirSync(join(directory, 'active')), []);
    assert.ok((await sweep(directory, signal)) > 0);
    assert.equal(readdirSync(join(directory, 'trash')), []);
    assert.equal(await names(snapshotter, [scriptLayer('touch a')]), ['/a']);
  });

  check('a change of the root directory itself is not in the layer and not seen after it', async () => {
    const snapshotter = create();
    const layers = [scriptLayer('chmod 755 .; touch -d @1000000000 .')];
    await using active = await snapshotter.prepare(layers, signal);
    runInRoot(active.root, mountPoint, 'chmod 700 .; chown 5:6 .; touch -d @1200000000 .');
    assert.equal(shorthand(await active.changes(signal)), []);
    await active.commit(digestOf('root') as string as DiffID);
    const layer = { diffID: digestOf('root') as string as DiffID, size: undefined, blobs: [] };
    const { tree } = await snapshotter.view([...layers, layer], signal);
    const { mode, uid, mtime } = tree.lstat('/')!;
    assert.equal({ mode, uid, mtime }, { mode: 0o755, uid: 0, mtime: 1_000_000_000_000_000_000n });
  });

  check('sixty layers are one root', async () => {
    const snapshotter = create();
    const layers = Array.from({ length: 60 }, (_, n) =>
      scriptLayer(`mkdir -p d; echo ${n} >top; touch d/${n}`),
    );
    await using active = await snapshotter.prepare(layers, signal);
    assert.is(runInRoot(active.root, mountPoint, 'rm d/7; ls d | wc -l; cat top').toString(), '59\n59\n');
    assert.equal(shorthand(await active.changes(signal)), ['d', '!d/7']);
    const { tree } = await snapshotter.view(layers, signal);
    assert.is(tree.readdir('/d').length, 60);
  });

  test.run();
}

const opaqueRoot: UnpackLayer = async (source, directory, options) => {
  if (options.form === 'plain') rmSync(join(directory, 'a'), { force: true });
  let script = '';
  for await (const chunk of source) script += Buffer.from(chunk).toString();
  const plain = (async function* () {
    yield Buffer.from(script.replace('opaque "";', ''));
  })();
  await unpackScript(plain, directory, options);
  return { opaque: script.includes('opaque') ? ['/'] : [], size: 0 };
};

function pick(entry: LayerEntry | undefined, keys: string[]): Record<string, unknown> {
  if (entry?.kind !== 'entry') return {};
  const flat: Record<string, unknown> = { ...entry.stat, linkTarget: entry.linkTarget };
  flat['xattrs'] = Object.keys(entry.xattrs);
  return Object.fromEntries(keys.map((key) => [key, flat[key]]));
}
