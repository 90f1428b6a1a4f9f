import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createImageMounter } from '../../src/fs/mount-image.ts';
import { indexTars } from '../../src/layer/index-tars.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import type { Layer, LayerEntry, Snapshotter } from '../../src/seams.ts';
import { createCopySnapshotter } from '../../src/snapshot/copy.ts';
import { createErofsSnapshotter } from '../../src/snapshot/erofs.ts';
import { fileDigest } from '../../src/snapshot/file-content.ts';
import { createOverlaySnapshotter } from '../../src/snapshot/overlay.ts';
import { probeOverlay } from '../../src/snapshot/probe.ts';
import { probeErofs } from '../../src/snapshot/probe-erofs.ts';
import { requireFeature } from '../support/require-feature.ts';
import { scriptTars } from '../support/script-tar.ts';
import {
  type Listed,
  listTree,
  openScript,
  runInRoot,
  scriptLayer,
  unpackScript,
} from '../support/snapshot-steps.ts';

const test = suite('random steps');
const root = mkdtempSync(join(tmpdir(), 'random-steps-'));
const mountPoint = join(root, 'mnt');
const overlay = await probeOverlay(root);
const { signal } = new AbortController();
let stores = 0;
const mounter = createImageMounter();

test.after(() => {
  mounter?.close();
  rmSync(root, { recursive: true, force: true });
});

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const time = fc.integer({ min: 1, max: 3 });
const oneOperation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(path, name)
      .map(([p, text]) => `mkdir -p "$(dirname ${p})" && test ! -p ${p} && echo ${text} >${p}`),
  },
  { weight: 3, arbitrary: path.map((p) => `mkdir -p ${p}`) },
  { weight: 3, arbitrary: path.map((p) => `rm -rf ${p}`) },
  { weight: 2, arbitrary: path.map((p) => `rm -rf ${p} && mkdir ${p}`) },
  { weight: 2, arbitrary: fc.tuple(path, path).map(([from, to]) => `mv -T ${from} ${to}`) },
  fc.tuple(path, time).map(([p, t]) => `touch -h -d @${t} ${p}`),
  fc.tuple(path, time).map(([p, t]) => `chmod 75${t} ${p}`),
  fc.tuple(path, time).map(([p, t]) => `chown -h ${t}:${t} ${p}`),
  fc.tuple(path, name).map(([p, target]) => `ln -s ${target} ${p}`),
  path.map((p) => `cp -a ${p} copy && rm -rf ${p} && mv -T copy ${p}`),
  path.map((p) => `mkfifo ${p}`),
);
const link = fc.tuple(path, path).map(([from, to]) => `test -L ${from} || ln -T ${from} ${to}`);
const script = (operation: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(operation, { maxLength })
    .map((lines) => lines.map((line) => `{ ${line}; } 2>/dev/null || :\n`).join(''));
const base = scriptLayer(
  'mkdir -p a/b/c b/c; echo 1 >a/x; echo 2 >a/b/c/a; echo 3 >b/a; ln -s a c; touch -d @2 b/a',
);

function newStore(create: typeof createOverlaySnapshotter): Snapshotter {
  return create({ directory: join(root, `store${stores++}`), openLayer: openScript, unpack: unpackScript });
}

const newErofs = (): Snapshotter => {
  const directory = join(root, `store${stores++}`);
  const parts = { openLayer: openScript, unpack: unpackScript };
  const mount = mounter!.mount;
  const tars = scriptTars(`${directory}-tars`, parts);
  return createErofsSnapshotter({ directory, ...parts, tars, index: indexTars, mount });
};
const kinds: { name: string; available: boolean; create: () => Snapshotter }[] = [
  { name: 'overlay', available: overlay, create: () => newStore(createOverlaySnapshotter) },
  { name: 'erofs', available: (await probeErofs(root)) !== undefined, create: newErofs },
];

const parameters = { seed: 20, numRuns: 8, endOnFailure: true };

for (const { name, available, create } of kinds) {
  test(`${name}: the merged tree is what the mount shows, and the layer holds all of the difference`, async () => {
    if (!requireFeature(name, available)) return;
    const operation = fc.oneof({ weight: 6, arbitrary: oneOperation }, link);
    const steps = fc.array(script(operation, 10), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(steps, async (scripts) => {
        const snapshotter = create();
        const layers: Layer[] = [base];
        for (const [index, text] of scripts.entries()) {
          const before = listTree((await snapshotter.view(layers, signal)).tree);
          await using active = await snapshotter.prepare(layers, signal);
          runInRoot(active.root, mountPoint, text);
          const expected = applyEntries(before, await active.changes(signal));
          const diffID = digestOf(`${index} ${text}`) as string as DiffID;
          await active.commit(diffID);
          layers.push({ diffID, size: undefined, blobs: [] });
          const view = await snapshotter.view(layers, signal);
          const after = listTree(view.tree);
          assert.equal(after, listMount(runInRoot(view.root, mountPoint, list)), 'as mounted');
          assert.equal(after, expected, 'as the layer says');
        }
      }),
      parameters,
    );
  });
}

test('a copied root and one that goes on from step to step give the same layers as a mounted one', async () => {
  if (!requireFeature('overlay', overlay)) return;
  // Links within one step alone: a mount breaks those of lower layers.
  const operation = fc.oneof({ weight: 6, arbitrary: oneOperation }, link);
  const scripts = fc.tuple(script(oneOperation, 6), script(operation, 12));
  await fc.assert(
    fc.asyncProperty(scripts, async ([before, text]) => {
      const layers: string[][] = [];
      const others = kinds.filter(({ available }) => available).map(({ create }) => create());
      for (const snapshotter of [...others, newStore(createCopySnapshotter)]) {
        const made = scriptLayer(before);
        await using first = await snapshotter.prepare([base], signal);
        runInRoot(first.root, mountPoint, before);
        const own = [...(await first.changes(signal))].map(summary);
        await first.commit(made.diffID);
        await using active = await snapshotter.prepare([base, made], signal);
        runInRoot(active.root, mountPoint, text);
        layers.push([...own, 'then', ...[...(await active.changes(signal))].map(summary)]);
      }
      for (const layer of layers) assert.equal(layer, layers[0]);
    }),
    parameters,
  );
});

/** All of an entry that does not depend on when the step ran. */
function summary(entry: LayerEntry): string {
  if (entry.kind !== 'entry') return `${entry.kind} ${entry.path}`;
  const { type, mode, uid, gid } = entry.stat;
  const value = typeof entry.content === 'string' ? fileDigest(entry.content) : entry.linkTarget;
  return [entry.path, type, mode.toString(8), uid, gid, value, entry.hardLinkTo].join(' ');
}

/** What unpacking the entries on top of a tree gives. */
function applyEntries(before: Record<string, Listed>, changes: Iterable<LayerEntry>): Record<string, Listed> {
  const files = new Map(
    Object.entries(before).map(([at, listed]) => [at, { ...listed, link: `old ${listed.link}` }]),
  );
  const remove = (at: string): void => {
    for (const key of [...files.keys()]) if (key === at || key.startsWith(`${at}/`)) files.delete(key);
  };
  for (const entry of changes) {
    const at = `/${entry.path}`;
    if (entry.kind !== 'entry') {
      assert.ok(files.has(at), `${at} is whited out and not there`);
      remove(at);
      continue;
    }
    const { type, mode, uid, gid, mtime } = entry.stat;
    if (type !== 'dir' || files.get(at)?.type !== 'dir') remove(at);
    const first = entry.hardLinkTo === undefined ? undefined : files.get(`/${entry.hardLinkTo}`)!;
    const content = typeof entry.content === 'string' ? fileDigest(entry.content) : entry.linkTarget;
    files.set(at, {
      type,
      mode,
      owner: `${uid}:${gid}`,
      mtime: type === 'dir' ? 0n : mtime,
      value: first?.value ?? content,
      link: first?.link ?? `new ${at}`,
    });
  }
  return normalize(files);
}

/** In the order of a walk, hard links named by the first path of a file. */
function normalize(files: Map<string, Listed>): Record<string, Listed> {
  const links = new Map<string, string>();
  const order = (at: string): string => at.replaceAll('/', '\0');
  const sorted = [...files].sort(([a], [b]) => (order(a) < order(b) ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([at, listed]) => {
      if (listed.type !== 'file') return [at, { ...listed, link: at }];
      if (!links.has(listed.link)) links.set(listed.link, at);
      return [at, { ...listed, link: links.get(listed.link)! }];
    }),
  );
}

const list =
  "find . -mindepth 1 -printf '/%P\\t%y\\t%m\\t%U:%G\\t%T@\\t%l\\t%i\\0'; find . -type f -print0 | xargs -0r sha256sum -z";

function listMount(output: Buffer): Record<string, Listed> {
  const types: Record<string, string> = { f: 'file', d: 'dir', l: 'symlink', p: 'fifo' };
  const files = new Map<string, Listed>();
  for (const line of output.toString().split('\0').slice(0, -1)) {
    const [at = '', type = '', mode = '', owner = '', stamp = '', target = '', inode = ''] = line.split('\t');
    if (type === '') {
      files.get(line.slice(67))!.value = `sha256:${line.slice(0, 64)}`;
      continue;
    }
    const [seconds = '', fraction = ''] = stamp.split('.');
    files.set(at, {
      type: types[type]!,
      mode: Number.parseInt(mode, 8),
      owner,
      mtime: type === 'd' ? 0n : BigInt(seconds + fraction.slice(0, 9)),
      value: target,
      link: inode,
    });
  }
  return normalize(files);
}

test.run();
