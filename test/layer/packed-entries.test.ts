// What is remembered of a tar while it is packed, against what its reader finds in it.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPackedEntries, type TarHead } from '../../src/layer/packed-entries.ts';
import { readTar } from '../../src/layer/tar-reader.ts';
import { packLayer } from '../../src/layer/tar-writer.ts';
import type { LayerEntry } from '../../src/seams.ts';
import { collect, pieces } from './tar-build.ts';

const test = suite('layer/packed-entries');

/** Packs, and returns what was remembered and what stands in the tar. */
async function both(
  entries: readonly LayerEntry[],
  most = 1000,
): Promise<{ remembered: TarHead[] | undefined; found: TarHead[] }> {
  const packed = createPackedEntries(most);
  const tar = await collect(packLayer(entries, { onHeader: packed.add }));
  const found: TarHead[] = [];
  for await (const { body: _, buffered: __, ...head } of readTar(pieces(tar, 70_000))) found.push(head);
  const heads = packed.heads();
  return { remembered: heads && [...heads], found };
}

const segment = fc.string({
  unit: fc.constantFrom('a', 'Z', '9', '.', '-', ' ', '"'),
  minLength: 1,
  maxLength: 60,
});
const path = fc
  .array(
    segment.map((name) => `n${name}`),
    { minLength: 1, maxLength: 4 },
  )
  .map((names) => names.join('/'));

const fileType = fc.constantFrom('file', 'dir', 'symlink', 'char', 'block', 'fifo');

/** With names, owners and times that ustar has room for, and some that it has not. */
const entry: fc.Arbitrary<LayerEntry> = fc
  .record({
    ...{ path, type: fileType, target: path },
    mode: fc.integer({ min: 0, max: 0o7777 }),
    id: fc.integer({ min: 0, max: 0o7777777 }),
    mtime: fc.bigInt({ min: 0n, max: 8_000_000_000_000_000_000n }),
    size: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(511, 512, 513, 1_048_000, 1_100_000)),
    odd: fc.oneof(
      { weight: 60, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('owner', 'time', 'name', 'attribute') },
      { weight: 8, arbitrary: fc.constantFrom('link', 'whiteout', 'opaque') },
    ),
  })
  .map(({ path: named, type, target, mode, id, mtime, size, odd }): LayerEntry => {
    if (odd === 'whiteout' || odd === 'opaque') return { kind: odd, path: named };
    const isFile = type === 'file';
    const isDevice = type === 'char' || type === 'block';
    return {
      kind: 'entry',
      path: odd === 'name' ? `${named}\u00e9` : named,
      stat: {
        ...{ type, mode, gid: id, link: '' },
        uid: odd === 'owner' ? 0o10000000 : id,
        size: isFile ? size : 0,
        mtime: odd === 'time' ? -mtime - 1_000_000_000n : mtime,
        ...(isDevice ? { major: 3, minor: 200 } : { major: 0, minor: 0 }),
      },
      linkTarget: type === 'symlink' ? target : '',
      hardLinkTo: isFile && odd === 'link' ? target : undefined,
      xattrs: odd === 'attribute' ? { 'user.a': Buffer.from('b') } : {},
      content: isFile ? Buffer.alloc(size, 'x') : undefined,
    };
  });

test('what is remembered is what the tar says, or nothing', async () => {
  let known = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (entries) => {
      const { remembered, found } = await both(entries);
      if (remembered === undefined) return;
      known++;
      assert.equal(remembered, found);
    }),
    { numRuns: 150, seed: 7 },
  );
  assert.ok(known > 50, `${known} were remembered`);
});

test('of more entries than are asked for nothing is remembered', async () => {
  const entries: LayerEntry[] = ['a', 'b', 'c'].map((name) => ({ kind: 'whiteout', path: name }));
  assert.is((await both(entries, 2)).remembered, undefined);
  assert.is((await both(entries, 3)).remembered?.length, 3);
});

test.run();
