// What a comparison of two images says: files by aspect, sums, config, shared layers.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DiffSide, diffImages } from '../../src/inspect/diff-images.ts';
import type { ImageDiff } from '../../src/inspect/image-diff.ts';
import type { LayerItem } from '../../src/inspect/layer-item.ts';
import { createMergedFiles } from '../../src/inspect/merged-files.ts';
import type { ContainerConfig } from '../../src/oci/config.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { configOf, file, folder, link, symlink, whiteout } from './layer-items.ts';

const test = suite('inspect/diff-images');

function side(layers: LayerItem[][], config: ContainerConfig = {}): DiffSide {
  const merged = createMergedFiles();
  for (const items of layers) merged.addLayer(items, {});
  const history = layers.map((_, index) => `RUN step ${index}`);
  const image = { name: 'app', id: digestOf('id'), platform: 'linux/amd64', layers: layers.length, bytes: 0 };
  return { image, config: { ...configOf(layers.length, history), config }, root: merged.root, isWhole: true };
}

const diff = (one: LayerItem[][], other: LayerItem[][], times = false): ImageDiff =>
  diffImages(side(one), side(other), { times });
const told = ({ files }: ImageDiff) =>
  files.map(({ path, change, aspects }) => [change, path, ...aspects].join(' '));

test('each aspect is told by its name', () => {
  const before = [
    ...[file('content', 3), file('mode', 1), file('owner', 1), symlink('link', 'a'), file('attr', 1)],
    ...[file('type', 1), file('time', 1), file('same', 1), file('gone', 9), folder('d')],
  ];
  const after = [
    ...[
      file('content', 4),
      file('mode', 1, { mode: 0o600 }),
      file('owner', 1, { gid: 2 }),
      symlink('link', 'b'),
    ],
    ...[
      file('attr', 1, { xattrs: 'user.a=00' }),
      folder('type'),
      file('time', 1, { mtime: 5 }),
      file('same', 1),
    ],
    ...[folder('d', { mode: 0o700 }), file('new/er', 7)],
  ];
  const expected = [
    ...[
      'changed attr xattrs',
      'changed content content size',
      'changed d mode',
      'removed gone',
      'changed link link',
    ],
    ...['changed mode mode', 'added new', 'added new/er', 'changed owner owner', 'changed type type'],
  ];
  const found = diff([before], [after]);
  assert.equal(told(found), expected);
  assert.equal(
    told(diff([before], [after], true)).filter((line) => !expected.includes(line)),
    ['changed time time'],
  );
  assert.equal(found.total, { added: 2, removed: 1, changed: 7, bytesAdded: 11, bytesRemoved: 13 });
  assert.is(found.equal, false);
});

test('how the files came to be there does not matter', () => {
  const { equal, files, layers } = diff(
    [[file('a', 1), file('b', 2)], [whiteout('b')], [file('c', 3)]],
    [[file('c', 3), file('a', 1)]],
  );
  assert.equal([equal, files], [true, []]);
  assert.equal([layers.shared, layers.common, layers.before.length, layers.after.length], [1, 1, 3, 1]);
});

test('sums are those of the instructions that wrote the files, and a file under several names counts once', () => {
  const { instructions, total } = diff(
    [[file('old', 5)], [file('kept', 1)]],
    [[file('kept', 1)], [file('x', 10), link('y', 'x')], [file('z', 3)]],
  );
  assert.equal(
    instructions.map(({ image, layer, text, added, removed, bytesAdded, bytesRemoved }) => [
      ...[image, layer, text, added, removed, bytesAdded, bytesRemoved],
    ]),
    [
      ['after', 1, 'RUN step 1', 2, 0, 10, 0],
      ['before', 0, 'RUN step 0', 0, 1, 0, 5],
      ['after', 2, 'RUN step 2', 1, 0, 3, 0],
    ],
  );
  assert.is(total.bytesAdded, 13);
});

test('configs differ by variable, label and port; what is empty and what is not there are the same', () => {
  const before = side([], {
    ...{ Env: ['A=1', 'B=2', 'C'], Labels: { v: '1' }, Cmd: ['sh'], User: '', OnBuild: [] },
    ExposedPorts: { '80/tcp': {} },
  });
  const after = side([], {
    Env: ['B=3', 'A=1'],
    Labels: { v: '1', w: '2' },
    Cmd: ['sh', '-c'],
    Entrypoint: null,
  });
  const { config, equal } = diffImages(before, after, { times: false });
  assert.equal(
    config.map((one) => [one.field, one.before, one.after]),
    [
      ['Cmd', ['sh'], ['sh', '-c']],
      ['Env B', '2', '3'],
      ['Env C', '', undefined],
      ['ExposedPorts 80/tcp', true, undefined],
      ['Labels w', undefined, '2'],
    ],
  );
  assert.is(equal, false);
});

test.run();
