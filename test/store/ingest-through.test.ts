import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { ingestThrough } from '../../src/store/ingest-through.ts';
import { bytesOf } from '../contract/bytes.ts';
import { codeOf, collect } from '../contract/content-store.ts';
import { createMemoryContentStore } from '../support/memory-content-store.ts';

const { signal } = new AbortController();
const content = bytesOf(100_000);
const expected = { digest: digestOf(content), size: content.length };

async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const test = suite('ingest through');

test('the bytes are read while they are stored, and are stored when the reading ends', async () => {
  const store = createMemoryContentStore();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield content.subarray(0, 10);
    await held;
    yield content.subarray(10);
  }
  const passed = ingestThrough(store, slow, { expected, signal });
  const reader = passed.chunks[Symbol.asyncIterator]();
  const first = await reader.next();
  assert.is(first.value.length, 10);
  assert.not(await store.info(expected.digest));
  release();
  const rest: Buffer[] = [];
  for (let next = await reader.next(); !next.done; next = await reader.next()) rest.push(next.value);
  assert.ok(Buffer.concat([first.value, ...rest]).equals(content));
  assert.ok(await store.info(expected.digest));
});

test('what is not as expected fails for the reader, and is not kept', async () => {
  const store = createMemoryContentStore();
  const forged = bytesOf(100_001).subarray(1);
  const passed = ingestThrough(store, () => inPieces(forged), { expected, signal });
  assert.is(await codeOf(collect(passed.chunks)), 'ERR_DIGEST_MISMATCH');
  assert.is(await codeOf(passed.stored), 'ERR_DIGEST_MISMATCH');
  assert.not(await store.info(expected.digest));
});

test('who stops reading does not stop the storing; who cancels does', async () => {
  const store = createMemoryContentStore();
  const passed = ingestThrough(store, () => inPieces(content), { expected, signal });
  for await (const _ of passed.chunks) break;
  await passed.stored;
  assert.ok(await store.info(expected.digest));

  const other = createMemoryContentStore();
  const canceled = ingestThrough(other, () => inPieces(content), { expected, signal });
  for await (const _ of canceled.chunks) break;
  canceled.cancel();
  assert.is(await canceled.stored.catch((error: Error) => error.message), 'nobody wants it any more');
  assert.not(await other.info(expected.digest));
});

test('what is stored already, or too far ahead of a reader who is late, is read from the store', async () => {
  const store = createMemoryContentStore();
  await store.ingest([content]);
  let opened = 0;
  async function* unused(): AsyncGenerator<Uint8Array> {
    opened++;
    yield content;
  }
  const there = ingestThrough(store, unused, { expected, signal });
  assert.ok((await collect(there.chunks)).equals(content));
  assert.is(opened, 0);

  const large = bytesOf(9 << 20);
  const info = { digest: digestOf(large), size: large.length };
  const late = ingestThrough(store, () => inPieces(large, 1 << 20), { expected: info, signal });
  await late.stored;
  assert.ok((await collect(late.chunks)).equals(large));
});

test('a reader that is slow holds the source back', async () => {
  const store = createMemoryContentStore();
  const large = bytesOf(32 << 20);
  const info = { digest: digestOf(large), size: large.length };
  let given = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of inPieces(large, 1 << 20)) {
      given += piece.length;
      yield piece;
    }
  }
  const passed = ingestThrough(store, counted, { expected: info, signal });
  let seen = 0;
  for await (const chunk of passed.chunks) {
    seen += chunk.length;
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    assert.ok(given - seen <= 10 << 20, `${given - seen} bytes ahead`);
  }
  assert.is(seen, large.length);
});

test.run();
