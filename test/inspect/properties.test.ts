// What holds of any stack of layers: figures against a model that keeps nothing but a map of paths.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareFiles } from '../../src/inspect/compare-files.ts';
import type { FileItem, LayerItem } from '../../src/inspect/layer-item.ts';
import { createMergedFiles, visitBelow } from '../../src/inspect/merged-files.ts';
import { file, folder, link, opaque, reportOf, whiteout } from './layer-items.ts';

const test = suite('inspect/properties');
const runs = { seed: 11, numRuns: 400 };

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const item: fc.Arbitrary<LayerItem> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(path, fc.nat(5)).map(([at, size]) => file(at, size, { text: String(size) })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(path, fc.constantFrom(0o755, 0o700)).map(([at, mode]) => folder(at, { mode })),
  },
  { weight: 2, arbitrary: fc.tuple(path, path).map(([at, target]) => link(at, target)) },
  { weight: 3, arbitrary: path.map(whiteout) },
  { weight: 1, arbitrary: path.map(opaque) },
);
const layer = fc.array(item, { maxLength: 8 });
const stack = fc.array(layer, { maxLength: 6 });

/** Content by a number; undefined: a folder. */
type Files = Map<string, number | undefined>;

interface Model {
  /** After each layer. */
  states: Files[];
  sizes: number[];
  bytes: number[];
}

function removeAt(files: Files, at: string, itself: boolean): void {
  for (const one of [...files.keys()])
    if (one.startsWith(`${at}/`) || (itself && one === at)) files.delete(one);
}

function model(layers: readonly (readonly LayerItem[])[]): Model {
  const sizes: number[] = [];
  const states: Files[] = [];
  const bytes: number[] = [];
  let files: Files = new Map();
  for (const items of layers) {
    files = new Map(files);
    let own = 0;
    for (const one of items) if (one.kind !== 'entry') removeAt(files, one.path, one.kind === 'whiteout');
    for (const one of items) {
      if (one.kind !== 'entry') continue;
      const parts = one.path.split('/');
      for (let count = 1; count < parts.length; count++) {
        const parent = parts.slice(0, count).join('/');
        if (!files.has(parent) || files.get(parent) !== undefined) files.set(parent, undefined);
      }
      if (one.type === 'dir') {
        files.set(one.path, undefined);
        continue;
      }
      let content = one.hardLinkTo === undefined ? undefined : files.get(one.hardLinkTo);
      if (content === undefined) {
        content = sizes.push(one.size) - 1;
        own += one.size;
      }
      removeAt(files, one.path, true);
      files.set(one.path, content);
    }
    states.push(files);
    bytes.push(own);
  }
  return { states, sizes, bytes };
}

const namesIn = (files: Files): string[] =>
  [...files].filter(([, content]) => content !== undefined).map(([at]) => at);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

test('bytes, files and waste are those of the model, and waste is all that is there less what can be reached', () => {
  fc.assert(
    fc.property(stack, (layers) => {
      const { states, sizes, bytes } = model(layers);
      const last: Files = states.at(-1) ?? new Map();
      const reached = new Set([...last.values()].filter((content) => content !== undefined));
      const reachable = sum([...reached].map((content) => sizes[content!]!));
      const { total, layers: told, waste, wastedPaths } = reportOf(layers);
      assert.equal(
        told.map((one) => one.bytes),
        bytes,
      );
      assert.equal(
        [total.bytes, total.reachable, total.wasted],
        [sum(bytes), reachable, sum(bytes) - reachable],
      );
      assert.is(total.files, namesIn(last).length);
      assert.is(sum(told.map(({ wasted }) => wasted)), total.wasted);
      assert.is(sum(told.map(({ wastes }) => wastes)), total.wasted);
      assert.is(sum(waste.map((one) => one.bytes)), total.wasted);
      assert.is(sum(wastedPaths.items.map((one) => one.bytes)), total.wasted);
    }),
    runs,
  );
});

test('what a layer adds, deletes and overwrites leads from the files before it to those after', () => {
  fc.assert(
    fc.property(stack, (layers) => {
      const { states } = model(layers);
      const { layers: told } = reportOf(layers, { files: true });
      let names = new Set<string>();
      for (const [index, state] of states.entries()) {
        const next = new Set(namesIn(state));
        const { added, deleted, overwritten, changes } = told[index]!;
        assert.is(added.files, [...next].filter((at) => !names.has(at)).length);
        assert.is(deleted.files, [...names].filter((at) => !next.has(at)).length);
        const written = [...next].filter(
          (at) => names.has(at) && states[index - 1]?.get(at) !== state.get(at),
        );
        assert.ok(overwritten.files >= written.length);
        const paths = changes!.map((change) => change.path);
        assert.is(new Set(paths).size, paths.length, 'each path once');
        names = next;
      }
    }),
    runs,
  );
});

function treeOf(layers: readonly (readonly LayerItem[])[]): ReturnType<typeof createMergedFiles> {
  const merged = createMergedFiles();
  for (const items of layers) merged.addLayer(items, {});
  return merged;
}

/** Each path with all that is compared, written out. */
function linesOf({ root }: ReturnType<typeof createMergedFiles>): Map<string, string> {
  const lines = new Map<string, string>();
  visitBelow(root, '', (at, { item: entry, children }) => {
    const { mode = 0, digest = '', size = 0 } = (entry ?? {}) as Partial<FileItem>;
    lines.set(at, children ? `dir ${entry ? mode : ''}` : `${mode} ${digest} ${size}`);
  });
  return lines;
}

test('a comparison names each path that differs, and no other; backwards it says the opposite', () => {
  fc.assert(
    fc.property(stack, stack, (one, other) => {
      const [a, b] = [treeOf(one), treeOf(other)];
      assert.equal(compareFiles(a.root, treeOf(one).root, { times: true }), []);
      const [before, after] = [linesOf(a), linesOf(b)];
      const expected = [...new Set([...before.keys(), ...after.keys()])].filter((at) => {
        const lines = [before.get(at), after.get(at)];
        // Of folders without an entry nothing is known.
        if (lines.every((line) => line?.startsWith('dir')) && lines.includes('dir ')) return false;
        return lines[0] !== lines[1];
      });
      const found = compareFiles(a.root, b.root, { times: false });
      assert.equal(new Set(found.map(({ path: at }) => at)), new Set(expected));
      const back = compareFiles(b.root, a.root, { times: false });
      const opposite = { added: 'removed', removed: 'added', changed: 'changed' };
      assert.equal(
        back.map(({ path: at, change }) => [at, change]),
        found.map(({ path: at, change }) => [at, opposite[change]]),
      );
    }),
    runs,
  );
});

test.run();
