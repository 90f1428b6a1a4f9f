import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { ancestors } from '../../src/tree/path.ts';
import { resolvePath } from '../../src/tree/resolve.ts';
import { throws } from '../dockerfile/throws.ts';
import { link, memoryTree } from '../support/memory-tree.ts';

const test = suite('resolve');
const tree = memoryTree({
  '/usr/lib/x.so': 'x',
  '/lib': link('usr/lib'),
  '/abs': link('/usr'),
  '/usr/up': link('../../../../lib'),
  '/chain': link('abs/up'),
  '/out': link('../../etc/passwd'),
  '/self': link('self'),
  '/ping': link('pong'),
  '/pong': link('ping'),
  '/dangling': link('no/where'),
  '/dot': link('.'),
  '/slash': link('usr/'),
});
const follow = (path: string) => resolvePath(tree, path, { followLast: true });
const keepLast = (path: string) => resolvePath(tree, path, { followLast: false });

test('a path without links is cleaned', () => {
  assert.is(follow('/'), '/');
  assert.is(follow('usr//./lib/'), '/usr/lib');
  assert.is(follow('/usr/../usr/lib'), '/usr/lib');
});

test('links on the way are followed, relative and absolute ones, and chains of them', () => {
  assert.is(follow('/lib/x.so'), '/usr/lib/x.so');
  assert.is(follow('/abs/lib'), '/usr/lib');
  assert.is(follow('/chain/x.so'), '/usr/lib/x.so');
  assert.is(follow('/slash'), '/usr');
  assert.is(follow('/dot/dot/lib'), '/usr/lib');
});

test('a link in the last part is followed only where that is asked for', () => {
  assert.is(follow('/lib'), '/usr/lib');
  assert.is(keepLast('/lib'), '/lib');
  assert.is(keepLast('/lib/'), '/lib');
  assert.is(keepLast('/abs/up'), '/usr/up');
});

test('".." ends at the root, in paths and in links; behind a link it starts from where that leads', () => {
  assert.is(follow('/../../usr'), '/usr');
  assert.is(follow('/out'), '/etc/passwd');
  assert.is(follow('/lib/..'), '/usr');
});

test('what is not there is kept as it is written', () => {
  assert.is(follow('/new/a/../b'), '/new/b');
  assert.is(follow('/dangling/x'), '/no/where/x');
});

test('a loop is an error with a hint, also where it is of two', () => {
  throws(() => follow('/self'), 'ERR_COPY', /too many symbolic links/);
  throws(() => follow('/ping/x'), 'ERR_COPY', /leads back to itself/);
  assert.is(keepLast('/self'), '/self');
});

const name = fc.constantFrom('a', 'b', 'c');
const target = fc.array(fc.constantFrom('a', 'b', 'c', '..', '.', ''), { minLength: 1, maxLength: 4 });
const entries = fc.dictionary(
  fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
  fc.oneof(
    fc.constant<'file'>('file'),
    target.map((parts) => parts.join('/')),
  ),
  { maxKeys: 8 },
);

test('in any tree the result is clean, below the root and free of links, or the links are a loop', () => {
  fc.assert(
    fc.property(entries, target, (nodes, parts) => {
      const made = memoryTree(
        Object.fromEntries(
          Object.entries(nodes).map(([path, value]) => [path, value === 'file' ? 'x' : link(value)]),
        ),
      );
      let result: string;
      try {
        result = resolvePath(made, parts.join('/'), { followLast: true });
      } catch (error) {
        assert.ok(isSlipwayError(error));
        return;
      }
      assert.match(result, /^\/([abc](\/[abc])*)?$/);
      for (const path of [...ancestors(result), result])
        assert.is.not(made.lstat(path)?.type, 'symlink', `${path} on the way to ${result}`);
      assert.is(resolvePath(made, result, { followLast: true }), result);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
