// What a report says of stacks of layers that were made by hand.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { file, folder, link, opaque, reportOf, symlink, whiteout } from './layer-items.ts';

const test = suite('inspect/report-layers');

test('what a later layer deletes is wasted by both: who wrote it, and who took it away', () => {
  const { layers, total, waste, wastedPaths } = reportOf([
    [file('a/x', 100), file('a/y', 10)],
    [whiteout('a/x'), file('b', 5)],
  ]);
  assert.equal(
    layers.map(({ bytes, wasted, wastes, deleted }) => ({ bytes, wasted, wastes, deleted })),
    [
      { bytes: 110, wasted: 100, wastes: 0, deleted: { files: 0, bytes: 0 } },
      { bytes: 5, wasted: 0, wastes: 100, deleted: { files: 1, bytes: 100 } },
    ],
  );
  assert.equal([total.bytes, total.reachable, total.wasted, total.files], [115, 15, 100, 2]);
  assert.is(total.wastedPercent, (100 / 115) * 100);
  assert.equal(waste, [{ kind: 'deleted', layer: 0, by: 1, files: 1, bytes: 100 }]);
  assert.equal(wastedPaths, { count: 1, items: [{ path: 'a/x', copies: 1, bytes: 100 }] });
});

test('a file that is written again is overwritten, and rewritten where its content stayed the same', () => {
  const { layers, waste } = reportOf([
    [file('x', 100), file('y', 50)],
    [file('x', 100, { mode: 0o755 }), file('y', 60)],
  ]);
  assert.equal(layers[1]!.overwritten, { files: 2, bytes: 160 });
  assert.equal(layers[1]!.rewritten, { files: 1, bytes: 100 });
  assert.equal(layers[1]!.added, { files: 0, bytes: 0 });
  assert.equal(waste, [{ kind: 'overwritten', layer: 0, by: 1, files: 2, bytes: 150 }]);
});

test('a folder that is taken away takes all that is in it, and an opaque one what lower layers have there', () => {
  const lower = [folder('d'), file('d/a', 1), file('d/e/b', 2), file('d/e/c', 4), file('k', 8)];
  const gone = reportOf([lower, [whiteout('d')]]);
  assert.equal(gone.layers[1]!.deleted, { files: 3, bytes: 7 });
  assert.is(gone.total.files, 1);
  // Wherever the marks stand among the entries, the layer's own stay.
  const fresh = reportOf([lower, [folder('d'), file('d/a', 16), file('d/n', 32), opaque('d')]]);
  assert.equal(fresh.layers[1]!.deleted, { files: 2, bytes: 6 });
  assert.equal(fresh.layers[1]!.overwritten, { files: 1, bytes: 16 });
  assert.equal(fresh.layers[1]!.added, { files: 1, bytes: 32 });
  assert.equal([fresh.total.reachable, fresh.total.wasted], [56, 7]);
});

test('a file under several names counts once, and is wasted with its last name', () => {
  const one = [file('x', 100), link('y', 'x')];
  assert.equal([reportOf([one]).total.bytes, reportOf([one]).total.files], [100, 2]);
  const kept = reportOf([one, [whiteout('x')]]);
  assert.equal([kept.total.reachable, kept.total.wasted, kept.layers[1]!.deleted.files], [100, 0, 1]);
  const gone = reportOf([one, [whiteout('x')], [whiteout('y')]]);
  assert.equal(gone.waste, [{ kind: 'deleted', layer: 0, by: 2, files: 1, bytes: 100 }]);
});

test('a file in the place of a folder, and a folder in the place of a file', () => {
  const { layers, total } = reportOf([
    [file('a/x', 1), file('b', 2)],
    [file('a', 4), file('b/y', 8)],
  ]);
  assert.equal([total.reachable, total.wasted, total.files], [12, 3, 2]);
  assert.equal([layers[1]!.added.files, layers[1]!.deleted.files], [2, 2]);
});

test('links that a layer makes lead its own entries; those of lower layers are replaced by a folder', () => {
  const within = reportOf([[folder('usr/lib'), symlink('lib', 'usr/lib'), file('lib/a', 3)]], {
    files: true,
  });
  assert.ok(within.layers[0]!.changes!.some(({ path }) => path === 'usr/lib/a'));
  const across = reportOf([[symlink('lib', 'usr/lib')], [file('lib/a', 3)]], { files: true });
  assert.equal(
    across.layers[1]!.changes!.map(({ path, change, type }) => `${change} ${type} ${path}`),
    ['changed dir lib', 'added file lib/a'],
  );
  const round = [symlink('a', 'b'), symlink('b', 'a'), file('a/x', 1)];
  assert.throws(() => reportOf([round]), /too many symbolic links/);
  const out = reportOf([[symlink('up', '../../..'), file('up/x', 1)]], { files: true });
  assert.ok(
    out.layers[0]!.changes!.some(({ path }) => path === 'x'),
    'no link leads out of the root',
  );
});

test('what a tar has twice is wasted by the layer itself', () => {
  const { layers, waste, total } = reportOf([[file('x', 10, { text: 'old' }), file('x', 20)]]);
  assert.equal([layers[0]!.bytes, layers[0]!.wasted, layers[0]!.wastes], [30, 10, 10]);
  assert.equal(layers[0]!.added, { files: 1, bytes: 20 });
  assert.equal(waste, [{ kind: 'overwritten', layer: 0, by: 0, files: 1, bytes: 10 }]);
  assert.is(total.files, 1);
});

test('equal contents are found among files of all layers, not among names of one file', () => {
  const { duplicates, total } = reportOf([
    [
      file('a', 10, { text: 'same' }),
      link('b', 'a'),
      file('c', 10, { text: 'other' }),
      file('e', 0),
      file('f', 0),
    ],
    [file('d', 10, { text: 'same' })],
  ]);
  assert.is(total.duplicates, 10);
  assert.is(duplicates.count, 1);
  assert.equal(duplicates.items[0]!.places, [
    { path: 'a', layer: 0 },
    { path: 'd', layer: 1 },
  ]);
});

test('programs with the rights of others, what all may write to, caches, the largest files', () => {
  const report = reportOf([
    [
      file('bin/su', 30, { mode: 0o4755 }),
      file('bin/mail', 40, { mode: 0o2755 }),
      folder('tmp', { mode: 0o1777 }),
      folder('open', { mode: 0o777 }),
      file('open/x', 5, { mode: 0o666 }),
      symlink('l', 'open'),
      file('var/lib/apt/lists/deb', 50_000),
      file('home/app/.cache/pip/w', 20_000),
      file('root/.npm/_cacache/c', 1),
    ],
  ]);
  assert.equal(
    report.setuid.items.map(({ path, mode }) => `${mode} ${path}`),
    ['2755 bin/mail', '4755 bin/su'],
  );
  assert.equal(
    report.worldWritable.items.map(({ path }) => path),
    ['open/x', 'open'],
  );
  assert.equal(
    report.leftovers.map(({ name, bytes }) => `${bytes} ${name}`),
    ['50000 the apt lists', "20000 pip's cache", "1 npm's cache"],
  );
  assert.equal(
    report.largest.slice(0, 2).map(({ path }) => path),
    ['var/lib/apt/lists/deb', 'home/app/.cache/pip/w'],
  );
  assert.equal(
    reportOf([[file('a', 1), file('b', 2), file('c', 3)]], { top: 2 }).largest.map(({ path }) => path),
    ['c', 'b'],
  );
});

test('hints say which step to change, what would be saved first; those of the base image say so', () => {
  const layers = [
    [file('var/lib/apt/lists/x', 40_000), file('opt/big', 90_000)],
    [
      whiteout('var/lib/apt/lists/x'),
      file('opt/big', 90_000, { uid: 5 }),
      file('copy', 90_000, { text: 'opt/big' }),
    ],
  ];
  const history = [
    'RUN /bin/sh -c apt-get update # buildkit',
    'RUN /bin/sh -c rm -rf /var/lib/apt/lists/* # buildkit',
  ];
  const { hints, instructions } = reportOf(layers, { history });
  assert.equal(
    instructions.map(({ text, layer }) => [text, layer]),
    [
      ['RUN apt-get update', 0],
      ['RUN rm -rf /var/lib/apt/lists/*', 1],
    ],
  );
  assert.equal(
    hints.map(({ kind, bytes, layer, by }) => [kind, bytes, layer, by]),
    [
      ['rewritten', 90_000, 1, undefined],
      ['duplicate', 90_000, 1, undefined],
      ['late', 40_000, 0, 1],
    ],
  );
  assert.match(
    hints[2]!.text,
    /^the apt lists that RUN apt-get update \(layer 1\) left are deleted later, by RUN rm -rf .* \(layer 2\): .*in the step that makes them/,
  );
  const based = reportOf(layers, { history, base: 1 }).hints;
  assert.match(based.find(({ kind }) => kind === 'late')!.text, /stay in the base image/);
  assert.is(reportOf([[file('var/cache/apk/x', 50_000)]], { base: 1 }).hints.length, 0);
});

test('the efficiency is that of dive: of each path the smallest size against all', () => {
  assert.is(reportOf([[file('a', 10)], [file('b', 10)]]).total.efficiency, 1);
  assert.is(reportOf([]).total.efficiency, 1);
  // a: 30 and 10; b: 20.
  assert.is(reportOf([[file('a', 30), file('b', 20)], [file('a', 10)]]).total.efficiency, 30 / 60);
  // A whiteout of a file has no size.
  assert.is(reportOf([[file('a', 30), file('b', 20)], [whiteout('a')]]).total.efficiency, 20 / 50);
  // That of a folder has the size of all in it, under a path of its own.
  assert.is(
    reportOf([[folder('d'), file('d/a', 30), file('b', 20)], [whiteout('d')]]).total.efficiency,
    80 / 80,
  );
});

test('each layer tells its paths where it is asked for', () => {
  const { layers } = reportOf(
    [
      [folder('d'), file('d/a', 1), file('x', 9)],
      [folder('d'), file('d/a', 2), file('d/b', 4), whiteout('x')],
    ],
    {
      files: true,
    },
  );
  assert.equal(layers[1]!.changes, [
    { path: 'x', change: 'deleted', type: 'file', bytes: 9 },
    { path: 'd/a', change: 'changed', type: 'file', bytes: 2 },
    { path: 'd/b', change: 'added', type: 'file', bytes: 4 },
  ]);
  assert.not('changes' in reportOf([[]]).layers[0]!);
});

test.run();
