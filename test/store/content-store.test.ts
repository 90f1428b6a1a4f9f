import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { GrowingFile } from '../../src/fs/growing-file.ts';
import { type Digest, digestOf, hexOf } from '../../src/oci/digest.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { bytesOf } from '../contract/bytes.ts';
import { codeOf, contentStoreSuite } from '../contract/content-store.ts';
import { killAtLine, nodeCommand, run, start } from '../support/child-process.ts';
import { requireFeature } from '../support/require-feature.ts';

const folders: string[] = [];
function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'slipway-store-'));
  folders.push(root);
  return root;
}
const list = (...path: string[]) => (existsSync(join(...path)) ? readdirSync(join(...path)) : []);

function assertWhole(root: string): void {
  for (const name of list(root, 'blobs', 'sha256')) {
    assert.is(hexOf(digestOf(readFileSync(join(root, 'blobs', 'sha256', name)))), name);
  }
}

contentStoreSuite('on disk', async () => {
  const root = newRoot();
  const store = createContentStore(root);
  return {
    store,
    async damage(digest) {
      const bytes = readFileSync(store.path(digest));
      bytes[0]! ^= 1;
      chmodSync(store.path(digest), 0o644);
      await writeFile(store.path(digest), bytes);
    },
    close: async () => assert.equal(list(root, 'tmp'), []),
  };
});

const test = suite('content store on disk');
test.after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

test('the store is an OCI layout', async () => {
  const root = newRoot();
  const { digest } = await createContentStore(root).ingest([Buffer.from('x')]);
  assert.equal(JSON.parse(readFileSync(join(root, 'oci-layout'), 'utf8')), { imageLayoutVersion: '1.0.0' });
  assert.equal(JSON.parse(readFileSync(join(root, 'index.json'), 'utf8')).manifests, []);
  assert.equal(JSON.parse(readFileSync(join(root, 'store.json'), 'utf8')), { version: 1 });
  assert.equal(list(root, 'blobs', 'sha256'), [hexOf(digest)]);
  assert.is(statSync(createContentStore(root).path(digest)).mode & 0o222, 0);
});

test('a blob can be read while it is stored', async () => {
  const store = createContentStore(newRoot());
  const content = bytesOf(5_000_000);
  const seen: Buffer[] = [];
  let following = Promise.resolve();
  let isWritten = false;
  async function follow(file: GrowingFile): Promise<void> {
    await using open = file;
    for (let at = 0; ; ) {
      const end = await open.reach(at + 700_000);
      if (end === at) return;
      assert.ok(isWritten || end < content.length);
      const piece = Buffer.alloc(end - at);
      readSync(open.fd, piece, 0, piece.length, at);
      seen.push(piece);
      at = end;
    }
  }
  async function* source(): AsyncGenerator<Buffer> {
    for (let at = 0; at < content.length; at += 300_000) yield content.subarray(at, at + 300_000);
    // What is still in memory is no more than two buffers of 1 MiB.
    while (Buffer.concat(seen).length < content.length - (2 << 20) - 700_000) await turn();
    isWritten = true;
  }
  const { digest } = await store.ingestFollowed(source(), (file) => {
    following = follow(file);
  });
  await following;
  assert.ok(Buffer.concat(seen).equals(content));
  assert.is(digest, digestOf(content));
});

test('who follows a blob is told what ended it early', async () => {
  const store = createContentStore(newRoot());
  let following: Promise<unknown> = Promise.resolve();
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(100_000);
    throw new Error('torn');
  }
  const stored = store.ingestFollowed(source(), (file) => {
    following = file.reach(200_000).finally(() => file[Symbol.asyncDispose]());
  });
  const caught = (error: unknown): string => (error as Error).message;
  assert.is(await stored.then(() => '', caught), 'torn');
  assert.is(await following.then(() => '', caught), 'torn');
});

test('a small blob is whole when it is followed, and one that fails is not followed', async () => {
  const store = createContentStore(newRoot());
  const seen: string[] = [];
  const follow = async (file: GrowingFile): Promise<void> => {
    await using open = file;
    const size = await open.reach(1000);
    const bytes = Buffer.alloc(size);
    readSync(open.fd, bytes, 0, size, 0);
    seen.push(`${bytes}`);
  };
  let following = Promise.resolve();
  const { digest } = await store.ingestFollowed([Buffer.from('a '), Buffer.from('few')], (file) => {
    following = follow(file);
  });
  await following;
  assert.equal(seen, ['a few']);
  assert.is(digest, digestOf('a few'));
  function* torn(): Generator<Buffer> {
    yield Buffer.from('a');
    throw new Error('torn');
  }
  const failed = await store
    .ingestFollowed(torn(), () => seen.push('followed'))
    .catch((error: Error) => error);
  assert.match(`${failed}`, /torn/);
  assert.is(seen.length, 1);
});

test('the buffers of a source may be used again, whatever its size', async () => {
  const store = createContentStore(newRoot());
  for (const count of [3, 3000]) {
    const chunk = Buffer.alloc(100);
    const whole: Buffer[] = [];
    function* source(): Generator<Buffer> {
      for (let index = 0; index < count; index++) {
        chunk.fill(index);
        whole.push(Buffer.from(chunk));
        yield chunk;
      }
    }
    const { digest, size } = await store.ingest(source());
    assert.is(size, count * 100);
    assert.is(digest, digestOf(Buffer.concat(whole)));
    assert.ok((await store.read(digest)).equals(Buffer.concat(whole)));
  }
});

test('a source is told to stop where more comes than is expected', async () => {
  const store = createContentStore(newRoot());
  let isStopped = false;
  function* source(): Generator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(50_000);
    } finally {
      isStopped = true;
    }
  }
  assert.is(await codeOf(store.ingest(source(), { size: 60_000 })), 'ERR_DIGEST_MISMATCH');
  assert.ok(isStopped);
});

test('a big blob that was changed after this store wrote it is found out', async () => {
  const store = createContentStore(newRoot());
  const content = bytesOf(3_000_000);
  const { digest } = await store.ingest([content]);
  assert.ok((await store.read(digest)).equals(content));
  chmodSync(store.path(digest), 0o644);
  content[1_234_567]! ^= 1;
  await writeFile(store.path(digest), content);
  utimesSync(store.path(digest), 1, 1);
  assert.is(await codeOf(store.read(digest)), 'ERR_DIGEST_MISMATCH');
  assert.is(await store.info(digest), undefined);
});

test('looking into a store that is not there makes none', async () => {
  const root = join(newRoot(), 'none');
  assert.is(await createContentStore(root).info(digestOf('x')), undefined);
  assert.not(existsSync(root));
});

test('a store of another version is refused, with a hint', async () => {
  const root = newRoot();
  await writeFile(join(root, 'store.json'), '{"version":2}');
  const store = createContentStore(root);
  assert.is(await codeOf(store.info(digestOf('x'))), 'ERR_STORE');
  assert.is(await codeOf(store.ingest([Buffer.from('x')])), 'ERR_STORE');
  assert.equal(list(root), ['store.json']);
});

test("somebody else's OCI layout is not made a store", async () => {
  const root = newRoot();
  await writeFile(join(root, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  assert.is(await codeOf(createContentStore(root).ingest([Buffer.from('x')])), 'ERR_STORE');
  assert.equal(list(root), ['oci-layout']);
});

test('a file torn by a power cut is not taken for the blob', async () => {
  const store = createContentStore(newRoot());
  const content = bytesOf(100_000);
  const expected = { digest: digestOf(content), size: content.length };
  await store.ingest([content]);
  await truncate(store.path(expected.digest), 0);
  assert.is(await store.info(expected.digest), undefined);
  await store.ingest([content], { digest: expected.digest });
  await truncate(store.path(expected.digest), 4096);
  await store.ingest([content], expected);
  assert.ok((await store.read(expected.digest)).equals(content));
});

test('of equal ingests in flight one source is read; where it fails, the next', async () => {
  const store = createContentStore(newRoot());
  const read: string[] = [];
  let fail!: (error: Error) => void;
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  async function* source(name: string, wait: Promise<unknown>) {
    read.push(name);
    await wait;
    yield Buffer.from('content');
  }
  const expected = { digest: digestOf('content') };
  const first = store.ingest(source('first', broken), expected);
  const firstFailed = codeOf(first);
  const others = ['second', 'third'].map((name) => store.ingest(source(name, Promise.resolve()), expected));
  while (read.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(read, ['first']);
  fail(Object.assign(new Error('dead line'), { code: 'ERR_TEST' }));
  assert.is(await firstFailed, 'ERR_TEST');
  await Promise.all(others);
  // One of those that waited, whichever asked first.
  assert.is(read.length, 2);
});

test('an aborted ingest does not wait for a source that hangs', async () => {
  const root = newRoot();
  const controller = new AbortController();
  async function* hanging() {
    yield Buffer.from('some');
    controller.abort(new Error('enough'));
    await new Promise(() => undefined);
  }
  let message = '';
  await createContentStore(root)
    .ingest(hanging(), {}, controller.signal)
    .catch((error: Error) => {
      message = error.message;
    });
  assert.is(message, 'enough');
  assert.equal(list(root, 'tmp'), []);
});

test('a process killed while it stores leaves whole blobs only, and the next one works', async () => {
  const roots = [1, 6, 9, 23].map((line) => ({ line, root: newRoot() }));
  await Promise.all(
    roots.map(({ line, root }) =>
      killAtLine(start(nodeCommand('store/child.ts', 'ingest-forever', root, '1')), line),
    ),
  );
  for (const { root, line } of roots) {
    assertWhole(root);
    assert.ok(list(root, 'blobs', 'sha256').length >= Math.floor((line - 1) / 5));
    const { digest } = await createContentStore(root).ingest([Buffer.from('next')]);
    assert.is((await createContentStore(root).read(digest)).toString(), 'next');
  }
});

test('four processes store the same blob at once', async () => {
  const root = newRoot();
  const content = bytesOf(3_000_000, 5);
  const digest = digestOf(content);
  const command = nodeCommand('store/child.ts', 'ingest', root, `5,${digest}`);
  for (const lines of await Promise.all([1, 2, 3, 4].map(() => run(command)))) {
    assert.equal(JSON.parse(lines[0]!), { digest, size: content.length });
  }
  assert.equal(list(root, 'blobs', 'sha256'), [hexOf(digest as Digest)]);
  assert.equal(list(root, 'tmp'), []);
  assertWhole(root);
});

test('a full disk is said to be full, and nothing is left of the blob', async () => {
  const mounts = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
  if (!requireFeature('mount', mounts)) return;
  const root = newRoot();
  const [node, ...args] = nodeCommand('store/child.ts', 'fill', root);
  const script = 'root=$1; shift; mount -t tmpfs -o size=1m none "$root" && "$@" && ls "$root/tmp" | wc -l';
  const lines = await run(['unshare', '-m', 'sh', '-c', script, 'sh', root, node, ...args]);
  assert.equal(lines, ['ERR_DISK_FULL', '300000', '0']);
});

test.run();
