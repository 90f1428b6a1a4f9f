import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CopyOp } from '../../src/graph/vertex.ts';
import { createCopyOp } from '../../src/ops/copy-op.ts';
import type { Result } from '../../src/ops/result.ts';
import { file, memoryTree } from '../support/memory-tree.ts';
import { rejects } from '../support/rejects.ts';
import { copyOp } from './copy-setup.ts';
import { fakeEnvironment, firstKey, keysOf, run } from './op-environment.ts';

const test = suite('copy-op');
const files = { '/d/f': 'f', '/other': 'x' };
const source = { type: 'path' as const, input: 1, path: '/d' };

function setup(flags: Partial<CopyOp> = {}) {
  const fake = fakeEnvironment();
  const op = createCopyOp(copyOp('/o/', { sources: [source], ...flags }), fake.environment);
  const root = fake.layered('root', memoryTree({ '/etc': 'x' }));
  return { ...fake, op, root };
}
const context = (more: Parameters<typeof memoryTree>[0] = {}): Result => ({
  kind: 'tree',
  tree: memoryTree({ ...files, ...more }),
});
const digests = async (...of: Parameters<typeof keysOf>) => (await keysOf(...of)).map(({ digest }) => digest);

test('a copy from the context has one key, made of what it reads', async () => {
  const { op, root, viewed } = setup();
  const before = await digests(op, [root, context()]);
  assert.is(before.length, 1);
  assert.equal(await digests(op, [root, context({ '/other': 'changed' })]), before);
  assert.is.not((await digests(op, [root, context({ '/d/f': 'F' })]))[0], before[0]);
  assert.equal(viewed, []);
});

test('a copy from a stage is found by the identity of the stage, without a look at its files', async () => {
  const { op, root, viewed, layered } = setup();
  await firstKey(op, [root, layered('stage', memoryTree(files))]);
  assert.equal(viewed, []);
});

test('where the stage is another, it is found by what is read of it', async () => {
  const { op, root, layered } = setup();
  const [quick, content] = await digests(op, [root, layered('one', memoryTree(files))]);
  const other = await digests(op, [root, layered('two', memoryTree({ ...files, '/other': 'changed' }))]);
  assert.is.not(other[0], quick);
  assert.is(other[1], content);
});

test('a copy from a stage and one from the context with the same files are one', async () => {
  const { op, root, layered } = setup();
  const fromStage = await digests(op, [root, layered('stage', memoryTree(files))]);
  assert.is(fromStage[1], (await digests(op, [root, context()]))[0]);
});

test('a file that changes between key and copy is an error: the cache must not lie', async () => {
  const { op, root } = setup();
  const written = { kind: 'tree' as const, tree: memoryTree(files) };
  await keysOf(op, [root, written]);
  written.tree = memoryTree({ ...files, '/d/f': 'written meanwhile' });
  await rejects(run(op, [root, written]), 'ERR_CONTEXT', /changed while it was copied/);
});

test('a file that becomes something else while it is read is told as a change, and as a bug only of what holds still', async () => {
  const { op, root, layered } = setup();
  for (const code of ['ENOENT', 'EINVAL', 'ENOTDIR']) {
    const failing = (): never => {
      throw Object.assign(new Error(code), { code });
    };
    const tree = { ...memoryTree(files), contentDigest: failing, digestInSteps: failing };
    await rejects(keysOf(op, [root, { kind: 'tree' as const, tree }]), 'ERR_CONTEXT', /changed while it was/);
    try {
      await keysOf(op, [root, layered('stage', tree)]);
      assert.unreachable();
    } catch (error) {
      assert.is((error as { code?: unknown }).code, code);
    }
    const written = { kind: 'tree' as const, tree: memoryTree(files) };
    await keysOf(op, [root, written]);
    written.tree = { ...written.tree, lstat: failing };
    await rejects(run(op, [root, written]), 'ERR_CONTEXT', /changed while it was/);
  }
});

test('each file of the context is looked at once for the key and the layer, and once when that is packed', async () => {
  const { op, root } = setup();
  const tree = memoryTree(files);
  const looks = new Map<string, number>();
  const lstat = (path: string) => {
    looks.set(path, (looks.get(path) ?? 0) + 1);
    return tree.lstat(path);
  };
  const counted = { kind: 'tree' as const, tree: { ...tree, lstat } };
  await keysOf(op, [root, counted]);
  await run(op, [root, counted]);
  assert.is(looks.get('/d/f'), 2);
});

test('owners count where they are copied', async () => {
  const { op, root, layered } = setup();
  const owned = memoryTree({ ...files, '/d/f': file('f', { uid: 7 }) });
  const [, one] = await digests(op, [root, layered('one', memoryTree(files))]);
  const [, two] = await digests(op, [root, layered('two', owned)]);
  assert.is.not(one, two);
});

test('the root that is copied to counts, but not with --link', async () => {
  const plain = setup();
  const other = plain.layered('other', memoryTree({}));
  assert.is.not(
    await firstKey(plain.op, [plain.root, context()]),
    await firstKey(plain.op, [other, context()]),
  );
  const linked = setup({ link: true });
  assert.is(
    await firstKey(linked.op, [linked.root, context()]),
    await firstKey(linked.op, [other, context()]),
  );
  assert.is(linked.op.below([linked.root]), linked.op.below([other]));
});

test('destination and flags count', async () => {
  const { environment, root } = setup();
  const key = (to: string, flags: Partial<CopyOp> = {}) =>
    firstKey(createCopyOp(copyOp(to, { sources: [source], ...flags }), environment), [root, context()]);
  const keys = await Promise.all([
    key('/o/'),
    key('/o'),
    key('/o/', { chown: '1' }),
    key('/o/', { chmod: '644' }),
    key('/o/', { link: true }),
    key('/o/', { parents: true }),
    key('/o/', { excludes: ['x'] }),
    key('/o/', { unpack: true }),
  ]);
  assert.is(new Set(keys).size, keys.length);
});

test('a heredoc needs no input', async () => {
  const { op, root } = setup({ sources: [{ type: 'inline', name: 'EOF', data: 'x' }] });
  assert.is((await keysOf(op, [root])).length > 0, true);
});

test('it packs what it copies into one layer on the root', async () => {
  const { op, root, committed, viewed } = setup();
  const outcome = await run(op, [root, context()]);
  assert.equal(committed, [['o', 'o/f']]);
  assert.equal(viewed, ['root']);
  const record = { ...outcome, created: '', seconds: 0, description: '', tree: {} };
  const result = await op.load(record, [root, context()], new AbortController().signal);
  assert.is(result.kind === 'layers' && result.layers.length, 2);
});

test('with --link the root is not looked at', async () => {
  const { op, root, viewed } = setup({ link: true });
  await run(op, [root, context()]);
  assert.equal(viewed, []);
});

test('an archive becomes what is in it and is given back; what is none is copied', async () => {
  const { environment, root, committed } = setup();
  let open = 0;
  const unpacking = {
    ...environment,
    async unpackArchive(path: string | Buffer) {
      if (!String(path).endsWith('.tar')) return undefined;
      open++;
      return {
        tree: memoryTree({ '/in/x': '' }),
        ...{ implied: new Set<string>(), links: [] },
        async [Symbol.asyncDispose]() {
          open--;
        },
      };
    },
  };
  const sources = ['/a.tar', '/plain'].map((path) => ({ type: 'path' as const, input: 1, path }));
  const op = createCopyOp(copyOp('/o/', { sources, unpack: true }), unpacking);
  await run(op, [root, context({ '/a.tar': '', '/plain': '' })]);
  assert.equal(committed, [['o', 'o/in', 'o/in/x', 'o/plain']]);
  assert.is(open, 0);
});

test.run();
