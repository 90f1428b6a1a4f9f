// COPY of files that nobody has read yet: they are packed first, and the key is made of what was packed.
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStatCache, type StatCache } from '../../src/context/stat-cache.ts';
import type { CopyOp } from '../../src/graph/vertex.ts';
import { packLayerWithIdentity } from '../../src/layer/tar-writer.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import { createCopyOp } from '../../src/ops/copy-op.ts';
import type { OpEnvironment } from '../../src/ops/environment.ts';
import type { Result } from '../../src/ops/result.ts';
import { createDirectoryTree } from '../../src/snapshot/plain-tree.ts';
import type { Op, Unread } from '../../src/solver/solve.ts';
import type { AskableTree } from '../../src/tree/open-question.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { rejects } from '../support/rejects.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { copyOp } from './copy-setup.ts';
import { fakeEnvironment, firstKey } from './op-environment.ts';

const test = suite('copy of what nobody has read');
const { signal } = new AbortController();
const source = { type: 'path' as const, input: 1, path: '/d' };

interface Build {
  op: Op<Result>;
  inputs: (Result | undefined)[];
  cache: StatCache;
  /** Files that were read for the key alone. */
  hashed: string[];
}

/** A build of its own, some minutes after the files were written. `packed` is called when the layer is packed. */
function build(dir: TempDir, flags: Partial<CopyOp> = {}, packed = (): void => {}): Build {
  const hashed: string[] = [];
  const directory = dir.file('context');
  const read = (path: string | Buffer) => {
    hashed.push(String(path).slice(directory.length));
    return digestOf(readFileSync(path));
  };
  const now = () => Date.now() + 600_000;
  const cache = createStatCache({ file: dir.file('cache'), directory, tmp: dir.path, read, now });
  const tree: AskableTree = {
    ...createDirectoryTree(directory, {
      xattrs: false,
      digest: (path, state) => cache.digest(path, state, () => read(path)),
      look: cache.look,
    }),
    remembered: cache.remembered,
    open: cache.open,
  };
  const environment: OpEnvironment = {
    ...fakeEnvironment().environment,
    async commit(entries, stop, options) {
      const layer = packLayerWithIdentity(entries, { signal: stop, onContent: options?.onContent });
      for await (const chunk of layer.chunks) assert.ok(chunk.length > 0);
      packed();
      const content = layer.content();
      return { content, diffID: content as string as DiffID, size: 1 };
    },
  };
  const op = createCopyOp(copyOp('/o/', { sources: [source], ...flags }), environment);
  return { op, inputs: [undefined, { kind: 'tree', tree }], cache, hashed };
}

const unread = ({ op, inputs }: Build): Unread | undefined => op.unread?.(inputs);

async function context(): Promise<TempDir> {
  const dir = await tempDir();
  mkdirSync(dir.file('context/d/sub'), { recursive: true });
  writeFileSync(dir.file('context/d/f'), 'f');
  writeFileSync(dir.file('context/d/empty'), '');
  writeFileSync(dir.file('context/d/large'), Buffer.alloc(3 << 20, 'x'));
  writeFileSync(dir.file('context/d/sub/g'), 'g');
  symlinkSync('f', dir.file('context/d/link'));
  return dir;
}

test('its key and its layer are those of a build that asks first, and each file is read once', async () => {
  await using dir = await context();
  const asked = build(dir);
  const key = await firstKey(asked.op, asked.inputs);
  const layer = await asked.op.run(asked.inputs, signal);
  const first = build(dir);
  assert.equal(await unread(first)!.run(signal), layer);
  assert.is(await firstKey(first.op, first.inputs), key);
  // There is nothing in it to be packed.
  assert.equal(first.hashed, ['/d/empty']);
});

test('what it read is remembered: the next build looks at the files alone, and asks first', async () => {
  await using dir = await context();
  const first = build(dir);
  await unread(first)!.run(signal);
  await first.cache.save();
  const next = build(dir);
  assert.is(unread(next), undefined);
  assert.is(await firstKey(next.op, next.inputs), await firstKey(first.op, first.inputs));
  assert.equal(next.hashed, []);
});

const changes: [string, (dir: TempDir) => void][] = [
  ['writes to a file', (dir) => writeFileSync(dir.file('context/d/f'), 'F')],
  ['adds a file', (dir) => writeFileSync(dir.file('context/d/new'), '')],
  ['changes a mode', (dir) => chmodSync(dir.file('context/d/sub'), 0o700)],
];
for (const [what, change] of changes)
  test(`who ${what} while the layer is packed makes it fail`, async () => {
    await using dir = await context();
    const first = build(dir, {}, () => change(dir));
    await rejects(unread(first)!.run(signal), 'ERR_CONTEXT', /changed while it was copied/);
  });

test('a change within one tick of the clock is found by content', async () => {
  await using dir = await context();
  const late = new Date(Date.now() + 700_000);
  const write = (text: string): void => {
    writeFileSync(dir.file('context/d/f'), text);
    utimesSync(dir.file('context/d/f'), late, late);
  };
  write('f');
  const first = build(dir, {}, () => write('F'));
  await rejects(unread(first)!.run(signal), 'ERR_CONTEXT', /changed while it was copied/);
});

test('a key says what whoever comes next may know without reading: not the root, nor what the files hold', async () => {
  await using dir = await context();
  const before = build(dir);
  const { digest, lock } = unread(before)!;
  writeFileSync(dir.file('context/d/f'), 'other');
  const after = build(dir);
  assert.equal([unread(after)!.digest, unread(after)!.lock], [digest, lock]);
  for await (const key of after.op.keys(after.inputs, signal)) assert.is(key.unread, digest);
  const other = build(dir, { chmod: '600' });
  assert.is.not(unread(other)!.digest, digest);
});

test('archives, stages and trees of which nothing is remembered are read for the key first', async () => {
  await using dir = await context();
  assert.is(unread(build(dir, { unpack: true })), undefined);
  const stage = build(dir);
  assert.is(stage.op.unread?.([undefined, fakeEnvironment().layered('stage', memoryTree({}))]), undefined);
  assert.is(stage.op.unread?.([undefined, { kind: 'tree', tree: memoryTree({ '/d': 'x' }) }]), undefined);
});

test.run();
