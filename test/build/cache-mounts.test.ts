import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCacheMounts } from '../../src/build/cache-mounts.ts';
import { createMountExchange } from '../../src/build/mount-exchange.ts';
import type { State } from '../../src/build/state.ts';
import { createLease } from '../../src/fs/lease.ts';
import { createUnpackBudget } from '../../src/layer/unpack-limits.ts';
import { createMemoryCacheIndex } from '../support/memory-cache-index.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('cache-mounts');
const { signal } = new AbortController();
const cached = { fresh: false, signal };
const mount = { id: 'x', sharing: 'shared' as const, mode: 0o1750, uid: 0, gid: 0 };

async function within(
  work: (open: () => ReturnType<typeof createCacheMounts>, root: TempDir) => Promise<void>,
) {
  await using root = await tempDir();
  const mounts = createMountExchange(createUnpackBudget(undefined));
  await using lease = createLease(root.path);
  const state = { root: root.path, cache: createMemoryCacheIndex(), mounts, lease } as unknown as State;
  await work(() => createCacheMounts(state), root);
}

test('a cache is made once, with its mode but without the sticky bit, and kept between builds', async () => {
  await within(async (open) => {
    const first = await open()(mount, cached);
    assert.is(lstatSync(first.path).mode & 0o7777, 0o750);
    writeFileSync(join(first.path, 'kept'), '');
    await first[Symbol.asyncDispose]();
    const second = await open()(mount, cached);
    assert.equal(readdirSync(second.path), ['kept']);
  });
});

test('a cache is filled before anybody else has it', async () => {
  await within(async (open) => {
    const take = open();
    let filled = (): void => {};
    const filling = new Promise<void>((resolve) => {
      filled = resolve;
    });
    let begun = (): void => {};
    const begins = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const seed = async (folder: string): Promise<void> => {
      begun();
      await filling;
      writeFileSync(join(folder, 'seed'), 'sown');
    };
    const first = take(mount, { ...cached, seed });
    await begins;
    let entered = false;
    const second = take(mount, { ...cached, seed }).then((folder) => {
      entered = true;
      return folder;
    });
    const other = open()(mount, cached);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.not(entered);
    filled();
    assert.equal(readdirSync((await second).path), ['seed']);
    assert.is((await first).path, (await second).path);
    // Another process may have been faster, with a cache of its own.
    assert.is((await other).path, (await first).path);
  });
});

test('a cache that could not be filled is not there', async () => {
  await within(async (open) => {
    const seed = async (folder: string): Promise<void> => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('no more');
    };
    await open()(mount, { ...cached, seed }).then(
      () => assert.unreachable(),
      (error: Error) => assert.is(error.message, 'no more'),
    );
    const next = await open()(mount, cached);
    assert.equal(readdirSync(next.path), []);
    assert.equal(readdirSync(join(next.path, '..')), ['0']);
  });
});

test('nobody but their owner gets to the caches', async () => {
  await within(async (open, root) => {
    await open()(mount, cached);
    assert.is(lstatSync(join(root.path, 'cache-mounts-v1')).mode & 0o777, 0o700);
  });
});

test('another id, mode or owner is another cache', async () => {
  await within(async (open) => {
    const take = open();
    const others = [
      { ...mount, id: 'y' },
      { ...mount, mode: 0o700 },
      { ...mount, uid: 1 },
      { ...mount, gid: 1 },
      mount,
    ];
    const paths = await Promise.all(others.map(async (one) => (await take(one, cached)).path));
    assert.is(new Set(paths).size, 5);
  });
});

test('without the cache it begins empty, once in a build', async () => {
  await within(async (open) => {
    const before = await open()(mount, cached);
    writeFileSync(join(before.path, 'old'), '');
    const build = open();
    const first = await build(mount, { fresh: true, signal });
    assert.equal(readdirSync(first.path), []);
    writeFileSync(join(first.path, 'new'), '');
    const second = await build(mount, { fresh: true, signal });
    assert.ok(existsSync(join(second.path, 'new')));
  });
});

test('shared ones are one folder at the same time', async () => {
  await within(async (open) => {
    const take = open();
    const [one, two] = [await take(mount, cached), await take(mount, cached)];
    assert.is(one.path, two.path);
  });
});

test('a locked one is waited for', async () => {
  await within(async (open) => {
    const take = open();
    const locked = { ...mount, sharing: 'locked' as const };
    const first = await take(locked, cached);
    let entered = false;
    const second = take(locked, cached).then((folder) => {
      entered = true;
      return folder;
    });
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.not(entered);
    await first[Symbol.asyncDispose]();
    assert.is((await second).path, first.path);
    await (await second)[Symbol.asyncDispose]();
  });
});

test('a private one that is held is another folder, and free again afterwards', async () => {
  await within(async (open) => {
    const take = open();
    const own = { ...mount, sharing: 'private' as const };
    const first = await take(own, cached);
    const second = await take(own, cached);
    assert.is.not(second.path, first.path);
    await first[Symbol.asyncDispose]();
    const third = await take(own, cached);
    assert.is(third.path, first.path);
    await second[Symbol.asyncDispose]();
    await third[Symbol.asyncDispose]();
  });
});

test('a wait for a locked one ends with an abort, and holds nothing', async () => {
  await within(async (open) => {
    const take = open();
    const locked = { ...mount, sharing: 'locked' as const };
    const first = await take(locked, cached);
    const aborter = new AbortController();
    const reason = new Error('enough');
    const second = take(locked, { fresh: false, signal: aborter.signal }).catch((error: unknown) => error);
    aborter.abort(reason);
    assert.is(await second, reason);
    await first[Symbol.asyncDispose]();
    const third = await take({ ...mount, sharing: 'private' }, cached);
    assert.is(third.path, first.path);
    await third[Symbol.asyncDispose]();
  });
});

test.run();
