import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { renderMountTable, rootLine, rootPhases, stepPhases } from '../../src/runtime/mount-table.ts';
import type { RootFilesystem, StepMount } from '../../src/seams.ts';

const test = suite('mount-table');
const overlay: RootFilesystem = {
  ...{ type: 'overlay', base: '/s/l', lowers: ['2', '1'], options: ['metacopy=off'] },
  ...{ upper: '/s/active/7/upper', work: '/s/active/7/work' },
};
const places = { rootfs: '/x/rootfs', tree: (index: number) => `/x/t${index}` };

test('blanks, backslashes and # are octal in a table', () => {
  const line = { source: '/a b\tc', target: '/d\\e#f\n', type: 'none', options: ['bind', 'ro'] };
  assert.is(renderMountTable([line]), '/a\\040b\\011c /d\\134e\\043f\\012 none bind,ro 0 0\n');
});

test('an overlay is mounted with names relative to its base', () => {
  assert.equal(rootLine(overlay, '/x/rootfs', ['nodev']).options, [
    ...['lowerdir=2:1', 'upperdir=../active/7/upper', 'workdir=../active/7/work'],
    ...['metacopy=off', 'nodev'],
  ]);
});

test('an overlay without an upper is read-only; of one layer or none it is no overlay', () => {
  const bare = { ...overlay, upper: undefined, work: undefined };
  assert.equal(rootLine(bare, '/x', []).options, ['lowerdir=2:1', 'ro', 'metacopy=off']);
  assert.equal(rootLine({ ...bare, lowers: ['1'] }, '/x', []), {
    ...{ source: '/s/l/1', target: '/x', type: 'none', options: ['bind', 'ro'] },
  });
  assert.is(rootLine({ ...bare, lowers: [] }, '/x', []).type, 'tmpfs');
  assert.is(rootLine({ ...overlay, lowers: [] }, '/x', []).source, '/s/active/7/upper');
});

test('a path that would change the options of an overlay is refused', () => {
  for (const upper of ['/s/a,b', '/s/a\\b', '/s/a"b']) {
    try {
      rootLine({ ...overlay, upper }, '/x', []);
      assert.unreachable();
    } catch (error) {
      assert.ok(isSlipwayError(error) && error.code === 'ERR_RUNTIME' && error.hint);
    }
  }
  assert.throws(() => rootLine({ ...overlay, lowers: ['a:b', 'c'] }, '/x', []));
});

test('roots with one base are mounted together, the step’s own first', () => {
  const other: RootFilesystem = { ...overlay, base: '/other' };
  const mounts: StepMount[] = [
    { type: 'tree', root: other, path: '/', target: '/a', readonly: true },
    { type: 'tmpfs', target: '/b', size: undefined },
    { type: 'tree', root: overlay, path: '/', target: '/c', readonly: true },
  ];
  const phases = rootPhases({ root: overlay, mounts }, places, []);
  assert.equal(
    phases.map(({ cwd, lines }) => [cwd, ...lines.map(({ target }) => target)]),
    [
      ['/s/l', '/x/rootfs', '/x/t2'],
      ['/other', '/x/t0'],
    ],
  );
});

test('a mount within an earlier one waits for it', () => {
  const mounts = ['/a', '/b', '/a/c', '/ab', '/a/c/d', '/dev/x'].map(
    (target): StepMount => ({ type: 'bind', source: '/s', target, readonly: false }),
  );
  assert.equal(
    stepPhases(mounts, places, []).map(({ points }) => points.map(({ path }) => path)),
    [
      ['/a', '/b'],
      ['/a/c', '/ab'],
      ['/a/c/d', '/dev/x'],
    ],
  );
});

test.run();
