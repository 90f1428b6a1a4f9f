import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { streamBlob } from '../../src/registry/blob-stream.ts';
import { connectRegistries, type RegistryOptions } from '../../src/registry/connect.ts';
import { rejects } from '../support/rejects.ts';
import { type Exchange, startScriptedServer } from '../support/scripted-server.ts';
import { blobOf } from '../support/small-image.ts';

const test = suite('blob stream');
const content = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
const blob = blobOf('application/octet-stream', content);
const request = `GET /v2/app/blobs/${blob.digest}`;

async function download(
  script: (host: string) => Exchange[],
  options: { signal?: AbortSignal; onChunk?: () => void; random?: () => number } = {},
): Promise<Buffer> {
  const { signal = new AbortController().signal, onChunk } = options;
  const server = await startScriptedServer(script);
  const retry: RegistryOptions['retry'] = { sleep: async () => undefined };
  const client = connectRegistries({ env: { HOME: '/nonexistent' }, retry });
  try {
    const chunks: Uint8Array[] = [];
    const repository = { registry: server.host, repository: 'app' };
    for await (const chunk of streamBlob(client, repository, { descriptor: blob, signal })) {
      chunks.push(chunk);
      onChunk?.();
    }
    server.finished();
    return Buffer.concat(chunks);
  } finally {
    await client.transport.close();
    await server.stop();
  }
}

function part(from: number): Exchange {
  return {
    request,
    headers: { range: `bytes=${from}-` },
    status: 206,
    answer: content.subarray(from),
    answerHeaders: { 'content-range': `bytes ${from}-999/1000` },
  };
}

test('a dropped connection is resumed where it broke', async () => {
  const bytes = await download(() => [
    { request, headers: { range: undefined }, answer: content, cut: 300 },
    { ...part(300), cut: 200 },
    part(500),
  ]);
  assert.ok(bytes.equals(content));
});

test('a body that ends early without a word is resumed too', async () => {
  const bytes = await download(() => [
    { request, answer: content.subarray(0, 400), chunked: true },
    part(400),
  ]);
  assert.ok(bytes.equals(content));
});

test('a strong entity tag guards the rest, a weak one does not', async () => {
  const bytes = await download(() => [
    { request, answer: content, cut: 10, answerHeaders: { etag: '"v1"' } },
    { ...part(10), headers: { 'if-range': '"v1"' }, cut: 10 },
    part(20),
  ]);
  assert.ok(bytes.equals(content));
  await download(() => [
    { request, answer: content, cut: 10, answerHeaders: { etag: 'W/"v1"' } },
    { ...part(10), headers: { 'if-range': undefined } },
  ]);
});

test('a registry without ranges sends all again and the known bytes are dropped', async () => {
  const bytes = await download(() => [
    { request, answer: content, cut: 300 },
    { request, answer: content },
  ]);
  assert.ok(bytes.equals(content));
});

test('a registry that refuses ranges is asked for all again', async () => {
  const bytes = await download(() => [
    { request, answer: content, cut: 300 },
    { request, headers: { range: 'bytes=300-' }, status: 416 },
    { request, headers: { range: undefined }, answer: content, cut: 600 },
    { request, headers: { range: undefined }, answer: content },
  ]);
  assert.ok(bytes.equals(content));
});

test('another part than the one asked for is refused', async () => {
  const wrong = { ...part(300), answerHeaders: { 'content-range': 'bytes 0-699/1000' } };
  await rejects(
    download(() => [{ request, answer: content, cut: 300 }, wrong]),
    'ERR_DIGEST_MISMATCH',
    /other bytes/,
  );
  const longer = { ...part(300), answerHeaders: { 'content-range': 'bytes 300-999/5000' } };
  await rejects(
    download(() => [{ request, answer: content, cut: 300 }, longer]),
    'ERR_DIGEST_MISMATCH',
    /5000/,
  );
});

test('a wrong length is told before any byte', async () => {
  let chunks = 0;
  const onChunk = () => {
    chunks += 1;
  };
  await rejects(
    download(() => [{ request, answer: content.subarray(1) }], { onChunk }),
    'ERR_DIGEST_MISMATCH',
    /999 bytes are offered/,
  );
  assert.is(chunks, 0);
});

test('a body that is longer than it should be is cut off', async () => {
  const answer = Buffer.concat([content, content]);
  await rejects(
    download(() => [{ request, answer, chunked: true }]),
    'ERR_DIGEST_MISMATCH',
    /more came/,
  );
});

test('a connection that always breaks is given up', async () => {
  const tries = [0, 1, 2, 3, 4].map((i) => ({
    ...(i === 0 ? { request, answer: content } : part(i)),
    cut: 1,
  }));
  await rejects(
    download(() => tries),
    'ERR_NETWORK',
  );
});

test('a blob that the registry does not have is named', async () => {
  await rejects(
    download(() => [{ request, status: 404 }]),
    'ERR_BLOB_NOT_FOUND',
    new RegExp(blob.digest),
  );
});

test('an abort in the middle ends with its own reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const onChunk = () => controller.abort(reason);
  const outcome = await download(() => [{ request, answer: content, cut: 500 }], {
    signal: controller.signal,
    onChunk,
  }).catch((error: unknown) => error);
  assert.is(outcome, reason);
});

test("the taker's error passes as it is and closes the connection", async () => {
  const reason = new Error('disk full');
  const onChunk = () => {
    throw reason;
  };
  const outcome = await download(() => [{ request, answer: content, cut: 500 }], { onChunk }).catch(
    (error: unknown) => error,
  );
  assert.is(outcome, reason);
});

test('a redirect to other storage is followed without the login', async () => {
  const storage = await startScriptedServer(() => [
    {
      request: 'GET /store?signature=secret',
      headers: { authorization: undefined },
      answer: content,
      cut: 600,
    },
    {
      ...part(600),
      request: 'GET /store?signature=secret',
      headers: { authorization: undefined, range: 'bytes=600-' },
    },
  ]);
  const answerHeaders = { location: `http://${storage.host}/store?signature=secret` };
  const authorization = 'Bearer t1';
  const bytes = await download((host) => [
    { request, status: 401, answerHeaders: { 'www-authenticate': `Bearer realm="http://${host}/token"` } },
    { request: 'GET /token?scope=repository%3Aapp%3Apull', answer: '{"token":"t1"}' },
    { request, headers: { authorization }, status: 307, answerHeaders },
    { request, headers: { authorization }, status: 302, answerHeaders },
  ]);
  assert.ok(bytes.equals(content));
  storage.finished();
  await storage.stop();
});

test("a refusal by the storage is no reason to log in, and its URL's query is not shown", async () => {
  const storage = await startScriptedServer(() => [
    {
      request: 'GET /store?signature=secret',
      status: 401,
      answer: '<Error/>',
      answerHeaders: { 'www-authenticate': 'Basic realm="x"' },
    },
  ]);
  const location = `http://${storage.host}/store?signature=secret`;
  const error = await rejects(
    download(() => [{ request, status: 307, answerHeaders: { location } }]),
    'ERR_REGISTRY',
    /401/,
  );
  assert.not.match(`${error.message} ${error.hint}`, 'secret');
  storage.finished();
  await storage.stop();
});

test('redirects that never end, or lead out of the web, are refused', async () => {
  const loop = { request, status: 302, answerHeaders: { location: `/v2/app/blobs/${blob.digest}` } };
  await rejects(
    download(() => Array.from({ length: 11 }, () => loop)),
    'ERR_REGISTRY',
    /more than 10 times/,
  );
  await rejects(
    download(() => [{ request, status: 302, answerHeaders: { location: 'file:///etc/passwd' } }]),
    'ERR_REGISTRY',
    /no web address/,
  );
});

test('storage that can not be reached is named, not the registry', async () => {
  const storage = await startScriptedServer(() => []);
  await storage.stop();
  const location = `http://${storage.host}/store`;
  const error = await rejects(
    download(() => [{ request, status: 307, answerHeaders: { location } }]),
    'ERR_NETWORK',
    /refused/,
  );
  assert.match(error.message, storage.host);
});

test.run();
