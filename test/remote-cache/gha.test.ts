// Shared caches in GitHub Actions. The server stands for the protocol, strictly; not for GitHub.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { createTransport, type Transport } from '../../src/registry/transport.ts';
import { createGhaCache, type GhaCacheOptions } from '../../src/remote-cache/gha.ts';
import type { CacheRemote } from '../../src/seams.ts';
import { manifestOf, outgoing, testCacheRemote } from '../contract/cache-remote.ts';
import { type GhaKind, type GhaServer, startGhaServer } from '../support/gha-server.ts';

const { signal } = new AbortController();

interface Bench extends AsyncDisposable {
  server: GhaServer;
  /** Milliseconds that were waited for. */
  waits: number[];
  open(scope?: string, options?: Partial<GhaCacheOptions>): CacheRemote;
}

async function bench(): Promise<Bench> {
  const server = await startGhaServer();
  const waits: number[] = [];
  const transports: Transport[] = [];
  const token = server.token(['refs/heads/main']);
  return {
    server,
    waits,
    open(scope = 'app', options = {}) {
      const transport = createTransport({
        env: {},
        retry: { sleep: async (ms) => void waits.push(ms), random: () => 0.5 },
      });
      transports.push(transport);
      const env = { ACTIONS_RESULTS_URL: server.url, ACTIONS_RUNTIME_TOKEN: token };
      return createGhaCache({ scope, ...options }, { env, http: async () => transport });
    },
    async [Symbol.asyncDispose]() {
      for (const transport of transports) await transport.close();
      await server.stop();
      assert.equal(server.complaints, []);
    },
  };
}

testCacheRemote('GitHub Actions', async () => {
  const one = await bench();
  return { open: (name) => one.open(name), close: async () => one[Symbol.asyncDispose]() };
});

const test = suite('createGhaCache');
const config = Buffer.from('{"a":"config"}');
const configType = 'application/vnd.slipway.cacheconfig.v1+json';
const layers = ['one', 'two', 'three', 'four'].map((text) => Buffer.from(`layer ${text}`));

/** As an export does: the document under the name is the answer. */
async function store(remote: CacheRemote, blobs: readonly Buffer[], text = config): Promise<Buffer> {
  const base = (await remote.read(signal))?.digest;
  await Promise.all(blobs.map((blob) => remote.write(outgoing(blob), signal)));
  const own = outgoing(text);
  await remote.write({ ...own, descriptor: { ...own.descriptor, mediaType: configType } }, signal);
  const document = manifestOf(text, blobs);
  assert.is(await remote.commit(document, base, signal), true);
  return document.bytes;
}

async function contentOf(remote: CacheRemote, bytes: Buffer): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of remote.open(outgoing(bytes).descriptor, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function failureOf(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isSlipwayError(error), String(error));
  return { code: error.code, text: `${error.message} | ${error.hint}` };
}

/** Fails the first requests of a kind. */
function failing(kind: GhaKind, times: number, status: number, headers = {}): GhaServer['fault'] {
  let left = times;
  return (asked) => (asked === kind && left-- > 0 ? { status, headers } : undefined);
}

test('an export is one pack and one index, and an import two requests', async () => {
  await using one = await bench();
  await store(one.open(), layers);
  assert.equal(one.server.requests, ['find', 'create', 'put', 'finish', 'find', 'create', 'put', 'finish']);
  one.server.requests.length = 0;
  const reader = one.open();
  const found = await reader.read(signal);
  assert.equal(found?.bytes, manifestOf(config, layers).bytes);
  assert.equal(await contentOf(reader, config), config);
  assert.equal(one.server.requests, ['find', 'get']);
  assert.equal(await contentOf(reader, layers[2]!), layers[2]);
  assert.equal(await contentOf(reader, layers[0]!), layers[0]);
  assert.equal(one.server.requests, ['find', 'get', 'find', 'get', 'get']);
});

test('blobs of all sizes share a pack, and each is read by its range', async () => {
  await using one = await bench();
  const sizes = [0, 1, 700_000, 1 << 20, (1 << 20) + 1, 9 << 20, (8 << 20) - 1, 3, 2 << 20];
  const blobs = sizes.map((size, index) => Buffer.alloc(size, `blob ${index} `));
  await store(one.open(), blobs);
  const packs = one.server.entries.filter(({ key }) => key.startsWith('slipway-pack-app-'));
  assert.is(packs.length, 1);
  assert.is(
    packs[0]!.blob.content?.length,
    sizes.reduce((sum, size) => sum + size),
  );
  const reader = one.open();
  for (const blob of blobs) assert.is(digestOf(await contentOf(reader, blob)), digestOf(blob));
});

test('what a pack has already is not sent again', async () => {
  await using one = await bench();
  await store(one.open(), layers.slice(0, 2));
  const second = one.open();
  const base = (await second.read(signal))?.digest;
  assert.ok(base);
  for (const layer of layers.slice(0, 2)) assert.is(await second.write(outgoing(layer), signal), 'present');
  assert.is(await second.write(outgoing(layers[2]!), signal), 'uploaded');
  await second.write(outgoing(config), signal);
  assert.is(await second.commit(manifestOf(config, layers.slice(0, 3)), base, signal), true);
  const reader = one.open();
  for (const layer of layers.slice(0, 3)) assert.equal(await contentOf(reader, layer), layer);
  assert.is(one.server.entries.filter(({ key }) => key.includes('-pack-')).length, 2);
});

test('a pack that was evicted is a blob that is not there, and its blobs are sent anew', async () => {
  await using one = await bench();
  await store(one.open(), layers);
  one.server.evict('slipway-pack-');
  const reader = one.open();
  assert.ok(await reader.read(signal));
  assert.is((await failureOf(contentOf(reader, layers[0]!))).code, 'ERR_BLOB_NOT_FOUND');
  assert.is(await reader.has?.(outgoing(layers[0]!).descriptor, signal), false);
  assert.is(await one.open().write(outgoing(layers[0]!), signal), 'uploaded');
  await store(one.open(), layers);
  assert.equal(await contentOf(one.open(), layers[0]!), layers[0]);
});

test('scopes do not see each other, though the key of one begins with that of another', async () => {
  await using one = await bench();
  await store(one.open('app-1'), layers);
  assert.is(await one.open('app').read(signal), undefined);
  assert.is(await one.open('app-').read(signal), undefined);
  assert.ok(await one.open('app-1').read(signal));
});

test('a branch finds what the main branch has, and keeps its own', async () => {
  await using one = await bench();
  const first = await store(one.open(), layers.slice(0, 1));
  const token = one.server.token(['refs/pull/1/merge', 'refs/heads/main']);
  const branch = one.open('app', { token });
  assert.equal((await branch.read(signal))?.bytes, first);
  const second = await store(branch, layers.slice(0, 2));
  assert.equal((await one.open().read(signal))?.bytes, first);
  assert.equal((await one.open('app', { token }).read(signal))?.bytes, second);
});

test('who was overtaken is told; an index that was begun and never finished is passed over', async () => {
  await using one = await bench();
  const [a, b] = [one.open(), one.open()];
  await a.read(signal);
  await b.read(signal);
  await store(a, layers.slice(0, 1));
  await b.write(outgoing(layers[1]!), signal);
  assert.is(await b.commit(manifestOf(config, [layers[1]!]), undefined, signal), false);
  one.server.entries.push({ ...one.server.entries[0]!, key: 'slipway-index-app-2', isFinished: false });
  const text = Buffer.from('{"b":2}');
  await store(one.open(), layers.slice(0, 2), text);
  assert.equal((await one.open().read(signal))?.bytes, manifestOf(text, layers.slice(0, 2)).bytes);
  assert.ok(one.server.entries.some(({ key }) => key === 'slipway-index-app-3'));
});

test('a service that throttles is asked again when it says', async () => {
  await using one = await bench();
  one.server.fault = failing('find', 2, 429, { 'retry-after': '7' });
  await store(one.open(), layers);
  assert.ok(one.waits.length >= 2 && one.waits.every((ms) => ms >= 7000), one.waits.join(' '));
  one.server.fault = failing('find', 99, 429, { 'retry-after': '3600' });
  const { code, text } = await failureOf(one.open().read(signal));
  assert.is(code, 'ERR_REGISTRY');
  assert.match(text, /429.*limits requests/);
});

test('storms of failures of every kind of request are survived, and named when they do not end', async () => {
  for (const kind of ['create', 'finish', 'find', 'block', 'list', 'put', 'get'] as const) {
    await using one = await bench();
    const blobs = [Buffer.alloc(3 << 20, kind), Buffer.from('small')];
    one.server.fault = failing(kind, 3, 503);
    await store(one.open(), blobs);
    one.server.fault = failing(kind, 3, 500);
    for (const blob of blobs) assert.is(digestOf(await contentOf(one.open(), blob)), digestOf(blob));
    one.server.fault = failing(kind, 999, 502);
    const again = kind === 'get' ? contentOf(one.open(), blobs[0]!) : store(one.open('other'), blobs);
    assert.is((await failureOf(again)).code, 'ERR_REGISTRY', kind);
  }
});

test('answers that are lost on the way do no harm', async () => {
  for (const kind of ['create', 'finish', 'block', 'list', 'put'] as const) {
    await using one = await bench();
    let left = 2;
    one.server.fault = (asked) => (asked === kind && left-- > 0 ? { lost: true } : undefined);
    const blobs = [Buffer.alloc(3 << 20, kind), Buffer.from('small')];
    await store(one.open(), blobs);
    const reader = one.open();
    for (const blob of blobs) assert.is(digestOf(await contentOf(reader, blob)), digestOf(blob), kind);
  }
});

test('addresses that have expired are renewed: those of downloads, and those of packs that were begun long ago', async () => {
  await using one = await bench();
  const large = Buffer.alloc(17 << 20, 'large');
  const blobs = [large, Buffer.from('small'), Buffer.alloc(2 << 20, 'second')];
  const writer = one.open();
  await writer.write(outgoing(blobs[0]!), signal);
  await writer.write(outgoing(blobs[1]!), signal);
  one.server.expire();
  await writer.write(outgoing(blobs[2]!), signal);
  one.server.expire();
  await store(writer, blobs);
  const reader = one.open();
  assert.is(digestOf(await contentOf(reader, large)), digestOf(large));
  one.server.expire();
  for (const blob of blobs) assert.is(digestOf(await contentOf(reader, blob)), digestOf(blob));
});

test('a download that breaks off goes on where it was', async () => {
  await using one = await bench();
  const large = Buffer.alloc(5 << 20, 'a long one');
  await store(one.open(), [large]);
  const reader = one.open();
  await reader.read(signal);
  let left = 3;
  one.server.fault = (kind) => (kind === 'get' && left-- > 0 ? { cut: 1 << 20 } : undefined);
  assert.is(digestOf(await contentOf(reader, large)), digestOf(large));
  left = 2;
  one.server.fault = (kind) => (kind === 'get' && left-- > 0 ? { cut: 100 } : undefined);
  assert.equal((await one.open().read(signal))?.bytes, manifestOf(config, [large]).bytes);
  one.server.fault = (kind) => (kind === 'get' ? { cut: 0 } : undefined);
  assert.is((await failureOf(contentOf(reader, large))).code, 'ERR_NETWORK');
});

test('an index that is damaged is a document that nobody can read, and is replaced', async () => {
  await using one = await bench();
  await store(one.open(), layers);
  const index = one.server.entries.find(({ key }) => key.includes('-index-'))!;
  index.blob.content = Buffer.from(
    index.blob.content!.toString('latin1').replace('config', 'cOnfig'),
    'latin1',
  );
  const found = await one.open().read(signal);
  assert.is(found?.mediaType, '');
  await store(one.open(), layers);
  assert.equal((await one.open().read(signal))?.bytes, manifestOf(config, layers).bytes);
});

test('tokens that are refused are named, and never shown', async () => {
  await using one = await bench();
  const token = 'a-secret-token-of-nobody';
  const refused = await failureOf(one.open('app', { token }).read(signal));
  assert.is(refused.code, 'ERR_UNAUTHORIZED');
  assert.match(refused.text, /401/);
  assert.not.match(refused.text, /secret/);
  const reader = one.server.token(['refs/heads/main'], { readOnly: true });
  const readOnly = one.open('app', { token: reader });
  await readOnly.write(outgoing(layers[0]!), signal);
  const failed = await failureOf(readOnly.commit(manifestOf(config, layers), undefined, signal));
  assert.is(failed.code, 'ERR_UNAUTHORIZED');
  assert.match(failed.text, /may not write.*only read/);
});

test('outside of GitHub Actions it is said what is missing, and where only version 1 is spoken, that', async () => {
  const transport = createTransport({ env: {} });
  const read = (env: Record<string, string>) =>
    failureOf(createGhaCache({ scope: 'app' }, { env, http: async () => transport }).read(signal));
  const url = 'https://results.example.com/';
  assert.match(
    (await read({})).text,
    /ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN are not set.*docs\/ci\.md/,
  );
  assert.match((await read({ ACTIONS_RESULTS_URL: url })).text, /ACTIONS_RUNTIME_TOKEN is not set/);
  assert.match((await read({ ACTIONS_CACHE_URL: url, ACTIONS_RUNTIME_TOKEN: 'x' })).text, /version 1 alone/);
  const old = { ACTIONS_RESULTS_URL: url, ACTIONS_CACHE_SERVICE_V2: 'false', ACTIONS_RUNTIME_TOKEN: 'x' };
  assert.is((await read(old)).code, 'ERR_UNSUPPORTED');
  await transport.close();
});

test('a service that answers too slowly is given up', async () => {
  await using one = await bench();
  const stuck = createGhaCache(
    { scope: 'app', timeout: 50, url: one.server.url, token: 'x' },
    {
      env: {},
      http: async () => ({
        retry: { tries: 1, delay: 0, sleep: async () => undefined },
        send: () => Promise.reject(new Error('not asked')),
        read: (_request, _limit, either) =>
          new Promise((_, reject) => either.addEventListener('abort', () => reject(either.reason))),
      }),
    },
  );
  const { code, text } = await failureOf(stuck.read(signal));
  assert.is(code, 'ERR_NETWORK');
  assert.match(text, /longer than 0.05 seconds.*timeout=/);
});

test.run();
