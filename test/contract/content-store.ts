// What every ContentStore does, as a suite to be run on each implementation.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemCode } from '../../src/errors.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { ContentStore } from '../../src/seams.ts';
import { bytesOf } from './bytes.ts';

export interface ContentStoreFixture {
  store: ContentStore;
  /** Changes a byte of a stored blob behind the store's back. */
  damage(digest: Digest): Promise<void>;
  close(): Promise<void>;
}

export async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    return systemCode(error);
  }
  return 'nothing was thrown';
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function contentStoreSuite(name: string, open: () => Promise<ContentStoreFixture>): void {
  const test = suite(`content store: ${name}`);
  const titled = (title: string, work: (fixture: ContentStoreFixture) => Promise<void>) =>
    test(title, async () => {
      const fixture = await open();
      try {
        await work(fixture);
      } finally {
        await fixture.close();
      }
    });

  titled('what was stored is read back, by stream and at once', async ({ store }) => {
    const content = bytesOf(2_500_000);
    const digest = digestOf(content);
    assert.equal(await store.ingest([content]), { digest, size: content.length });
    assert.equal(await store.info(digest), { digest, size: content.length });
    assert.ok((await collect(store.open(digest))).equals(content));
    assert.ok((await store.read(digest)).equals(content));
  });

  titled('chunks of any size make the same blob, and may be used again after each', async ({ store }) => {
    const content = bytesOf(3_000_000, 7);
    async function* reusing() {
      const buffer = Buffer.alloc(700_000);
      const sizes = [1, 0, 1000, 262_144, 13, 700_000, 65_536];
      for (let at = 0, turn = 0; at < content.length; turn++) {
        const size = Math.min(sizes[turn % sizes.length]!, content.length - at);
        content.copy(buffer, 0, at, at + size);
        yield buffer.subarray(0, size);
        buffer.fill(0);
        at += size;
      }
    }
    const { digest } = await store.ingest(reusing());
    assert.is(digest, digestOf(content));
    assert.ok((await collect(store.open(digest))).equals(content));
  });

  titled('an empty blob is a blob', async ({ store }) => {
    const { digest } = await store.ingest([], { size: 0 });
    assert.equal(await store.info(digest), { digest: digestOf(''), size: 0 });
    assert.is((await store.read(digest)).length, 0);
  });

  titled('content of another digest is refused and not kept', async ({ store }) => {
    const wanted = digestOf('wanted');
    assert.is(await codeOf(store.ingest([Buffer.from('got')], { digest: wanted })), 'ERR_DIGEST_MISMATCH');
    assert.is(await store.info(wanted), undefined);
    assert.is(await store.info(digestOf('got')), undefined);
  });

  titled('content of another size is refused and not kept', async ({ store }) => {
    for (const size of [2, 4]) {
      const work = store.ingest([Buffer.from('got')], { digest: digestOf('got'), size });
      assert.is(await codeOf(work), 'ERR_DIGEST_MISMATCH');
      assert.is(await store.info(digestOf('got')), undefined);
    }
  });

  titled('a source without end is left at the expected size', async ({ store }) => {
    let stopped = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(1000);
      } finally {
        stopped = true;
      }
    }
    assert.is(await codeOf(store.ingest(endless(), { size: 10_000 })), 'ERR_DIGEST_MISMATCH');
    assert.ok(stopped);
  });

  titled('a source that fails leaves nothing, and its error comes through', async ({ store }) => {
    const failure = new Error('the line went dead');
    async function* failing() {
      yield Buffer.from('a part');
      throw failure;
    }
    let caught: unknown;
    await store.ingest(failing()).catch((error) => {
      caught = error;
    });
    assert.is(caught, failure);
    assert.is(await store.info(digestOf('a part')), undefined);
  });

  titled('a source is not read where its digest is stored', async ({ store }) => {
    const { digest } = await store.ingest([Buffer.from('once')]);
    async function* untouched(): AsyncGenerator<Buffer> {
      yield Buffer.from('read');
      throw new Error('read');
    }
    assert.equal(await store.ingest(untouched(), { digest }), { digest, size: 4 });
  });

  titled('an aborted ingest throws the reason and keeps nothing', async ({ store }) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    async function* source() {
      yield Buffer.from('first');
      controller.abort(reason);
      yield Buffer.from('second');
    }
    let caught: unknown;
    await store.ingest(source(), {}, controller.signal).catch((error) => {
      caught = error;
    });
    assert.is(caught, reason);
    assert.is(await store.info(digestOf('firstsecond')), undefined);
  });

  titled(
    'what is absent: info gives undefined, open and read throw, remove does nothing',
    async ({ store }) => {
      const digest = digestOf('absent');
      assert.is(await store.info(digest), undefined);
      assert.is(await codeOf(collect(store.open(digest))), 'ERR_BLOB_NOT_FOUND');
      assert.is(await codeOf(store.read(digest)), 'ERR_BLOB_NOT_FOUND');
      await store.remove(digest);
    },
  );

  titled('what was removed is absent and can be stored again', async ({ store }) => {
    const { digest } = await store.ingest([Buffer.from('again')]);
    await store.remove(digest);
    assert.is(await store.info(digest), undefined);
    await store.ingest([Buffer.from('again')], { digest });
    assert.is((await store.read(digest)).toString(), 'again');
  });

  titled('a damaged blob is found out when it is read, and stored anew after that', async (fixture) => {
    const { store } = fixture;
    for (const read of [store.read, (digest: Digest) => collect(store.open(digest))]) {
      const { digest } = await store.ingest([Buffer.from('sound')]);
      await fixture.damage(digest);
      assert.is(await codeOf(read(digest)), 'ERR_DIGEST_MISMATCH');
      await store.ingest([Buffer.from('sound')], { digest, size: 5 });
      assert.is((await read(digest)).toString(), 'sound');
    }
  });

  titled('equal content stored at the same time is stored once and whole', async ({ store }) => {
    const content = bytesOf(300_000, 3);
    const digest = digestOf(content);
    const infos = await Promise.all([1, 2, 3, 4].map(() => store.ingest([content], { digest })));
    for (const info of infos) assert.equal(info, { digest, size: content.length });
    assert.ok((await store.read(digest)).equals(content));
  });

  test.run();
}
