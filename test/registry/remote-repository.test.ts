import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { connectRegistries, type RegistryOptions } from '../../src/registry/connect.ts';
import { createRemoteRepository, type RegistryRepository } from '../../src/registry/remote-repository.ts';
import type { OutgoingBlob } from '../../src/seams.ts';
import { rejects } from '../support/rejects.ts';
import { scripted } from '../support/scripted-registry.ts';
import type { Exchange } from '../support/scripted-server.ts';

const test = suite('remote repository');
const { signal } = new AbortController();
const content = Buffer.from('the layer');
const digest = digestOf(content);
const query = `digest=${encodeURIComponent(digest)}`;

function outgoing(
  bytes = content,
  more: Partial<OutgoingBlob> = {},
): OutgoingBlob & { opened: () => number } {
  let opened = 0;
  return {
    descriptor: { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length },
    async *open() {
      opened++;
      yield bytes.subarray(0, 3);
      yield bytes.subarray(3);
    },
    opened: () => opened,
    ...more,
  };
}

async function withRepository(
  script: (host: string) => Exchange[],
  work: (repository: RegistryRepository, host: string) => Promise<void>,
  options: Partial<RegistryOptions> = {},
): Promise<void> {
  await scripted(script, async ({ host }) => {
    const retry = { sleep: async () => undefined, random: () => 0, now: () => 0 };
    const client = connectRegistries({ env: { HOME: '/nonexistent' }, retry, ...options });
    try {
      await work(createRemoteRepository(client, { registry: host, repository: 'app' }), host);
    } finally {
      await client.transport.close();
    }
  });
}

const absent: Exchange = { request: `HEAD /v2/app/blobs/${digest}`, status: 404 };
const begun = (location = '/up/1?state=a%2Fb'): Exchange => ({
  request: 'POST /v2/app/blobs/uploads/',
  status: 202,
  answerHeaders: { location },
});
const put = (more: Partial<Exchange> = {}): Exchange => ({
  request: `PUT /up/1?state=a%2Fb&${query}`,
  headers: { 'content-length': '9', 'content-type': 'application/octet-stream' },
  body: 'the layer',
  status: 201,
  answerHeaders: { 'docker-content-digest': digest },
  ...more,
});

test('a blob that is there is asked for once, and not opened', async () => {
  await withRepository(
    () => [{ request: `HEAD /v2/app/blobs/${digest}` }],
    async (repository) => {
      const blob = outgoing();
      assert.is(await repository.pushBlob(blob, signal), 'present');
      assert.is(await repository.pushBlob(blob, signal), 'present');
      assert.is(blob.opened(), 0);
    },
  );
});

test('a blob is put where the registry says, the query left as it is', async () => {
  for (const location of ['/up/1?state=a%2Fb', 'absolute']) {
    await withRepository(
      (host) => [
        absent,
        begun(location === 'absolute' ? `http://${host}/up/1?state=a%2Fb` : location),
        put(),
      ],
      async (repository) => assert.is(await repository.pushBlob(outgoing(), signal), 'uploaded'),
    );
  }
});

test('one blob is pushed once, however often it is asked for', async () => {
  await withRepository(
    () => [absent, begun(), put()],
    async (repository) => {
      const blob = outgoing();
      const done = await Promise.all([1, 2, 3].map(() => repository.pushBlob(blob, signal)));
      assert.equal(done, ['uploaded', 'present', 'present']);
      assert.is(blob.opened(), 1);
    },
  );
});

test('an empty blob has a body of no bytes', async () => {
  const empty = Buffer.alloc(0);
  const own = digestOf(empty);
  await withRepository(
    () => [
      { ...absent, request: `HEAD /v2/app/blobs/${own}` },
      begun(),
      put({
        request: `PUT /up/1?state=a%2Fb&digest=${encodeURIComponent(own)}`,
        headers: { 'content-length': '0' },
        body: '',
        answerHeaders: {},
      }),
    ],
    async (repository) => assert.is(await repository.pushBlob(outgoing(empty), signal), 'uploaded'),
  );
});

const mountRequest = (from: string): Exchange => ({
  request: `POST /v2/app/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${from}`,
  status: 201,
});

test('a blob of another repository of the registry is mounted in one request', async () => {
  await withRepository(
    () => [mountRequest('base')],
    async (repository, host) => {
      const blob = outgoing(content, { mountFrom: ['docker.io/library/x', `${host}/base`, `${host}/app`] });
      assert.is(await repository.pushBlob(blob, signal), 'mounted');
    },
  );
});

test('a mount that is not done becomes the upload; the next blob is asked for first', async () => {
  const other = Buffer.from('another');
  await withRepository(
    () => [
      { ...mountRequest('base'), status: 202, answerHeaders: { location: '/up/1?state=a%2Fb' } },
      absent,
      put(),
      { request: `HEAD /v2/app/blobs/${digestOf(other)}` },
    ],
    async (repository, host) => {
      const mountFrom = [`${host}/base`];
      assert.is(await repository.pushBlob(outgoing(content, { mountFrom }), signal), 'uploaded');
      assert.is(await repository.pushBlob(outgoing(other, { mountFrom }), signal), 'present');
    },
  );
});

test('the session of a mount that was not needed is given up', async () => {
  await withRepository(
    () => [
      { ...mountRequest('base'), status: 202, answerHeaders: { location: '/up/2' } },
      { request: `HEAD /v2/app/blobs/${digest}` },
      { request: 'DELETE /up/2', status: 204 },
    ],
    async (repository, host) => {
      const blob = outgoing(content, { mountFrom: [`${host}/base`] });
      assert.is(await repository.pushBlob(blob, signal), 'present');
    },
  );
});

test('an upload that broke off goes on where the registry says', async () => {
  await withRepository(
    () => [
      absent,
      begun(),
      put({ status: 500 }),
      {
        request: 'GET /up/1?state=a%2Fb',
        status: 204,
        answerHeaders: { location: '/up/1?state=c', range: '0-3' },
      },
      {
        request: 'PATCH /up/1?state=c',
        headers: { 'content-range': '4-8', 'content-length': '5' },
        body: 'layer',
        status: 202,
        answerHeaders: { location: '/up/1?state=d', range: '0-8' },
      },
      { request: `PUT /up/1?state=d&${query}`, headers: { 'content-length': '0' }, body: '', status: 201 },
    ],
    async (repository) => {
      const blob = outgoing();
      assert.is(await repository.pushBlob(blob, signal), 'uploaded');
      assert.is(blob.opened(), 2);
    },
  );
});

test('an upload whose session is gone begins anew, unless the blob arrived after all', async () => {
  const lost: Exchange[] = [
    absent,
    begun(),
    put({ status: 503 }),
    { request: 'GET /up/1?state=a%2Fb', status: 404 },
  ];
  await withRepository(
    () => [...lost, absent, begun(), put()],
    async (repository) => assert.is(await repository.pushBlob(outgoing(), signal), 'uploaded'),
  );
  await withRepository(
    () => [...lost, { ...absent, status: 200 }],
    async (repository) => assert.is(await repository.pushBlob(outgoing(), signal), 'uploaded'),
  );
});

test('a resumed upload that the registry refuses is sent from the start', async () => {
  await withRepository(
    () => [
      absent,
      begun(),
      put({ status: 500 }),
      { request: 'GET /up/1?state=a%2Fb', status: 204, answerHeaders: { range: '0-3' } },
      { request: 'PATCH /up/1?state=a%2Fb', body: 'layer', status: 400 },
      { request: 'DELETE /up/1?state=a%2Fb', status: 204 },
      begun(),
      put(),
    ],
    async (repository) => assert.is(await repository.pushBlob(outgoing(), signal), 'uploaded'),
  );
});

test('a blob that is too large for somebody on the way goes in chunks of the least size allowed', async () => {
  await withRepository(
    () => [
      absent,
      begun(),
      put({ status: 413 }),
      { request: 'DELETE /up/1?state=a%2Fb', status: 204 },
      { ...begun('/up/2'), answerHeaders: { location: '/up/2', 'oci-chunk-min-length': '16777216' } },
      {
        request: 'PATCH /up/2',
        headers: { 'content-range': '0-8' },
        body: 'the layer',
        status: 202,
        answerHeaders: { location: '/up/3' },
      },
      { request: `PUT /up/3?${query}`, body: '', status: 201 },
    ],
    async (repository) => assert.is(await repository.pushBlob(outgoing(), signal), 'uploaded'),
  );
});

test('what the registry did not get as it should be is told, and its session given up', async () => {
  const said = '{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]}';
  await withRepository(
    () => [
      absent,
      begun(),
      put({ status: 400, answer: said }),
      { request: 'DELETE /up/1?state=a%2Fb', status: 204 },
    ],
    async (repository) => {
      await rejects(repository.pushBlob(outgoing(), signal), 'ERR_DIGEST_MISMATCH', /DIGEST_INVALID/);
    },
  );
  const other: Digest = digestOf('other');
  await withRepository(
    () => [
      absent,
      begun(),
      put({ answerHeaders: { 'docker-content-digest': other } }),
      { request: 'DELETE /up/1?state=a%2Fb', status: 404 },
    ],
    async (repository) => {
      await rejects(
        repository.pushBlob(outgoing(), signal),
        'ERR_DIGEST_MISMATCH',
        new RegExp(`stored ${other}`),
      );
    },
  );
});

test("what opening the content throws is the caller's own error", async () => {
  const blob = outgoing(content, {
    async *open() {
      yield content.subarray(0, 4);
      throw new RangeError('the disk lied');
    },
  });
  await scriptedLoosely([absent, begun()], async (repository) => {
    await repository.pushBlob(blob, signal).then(
      () => assert.unreachable(),
      (error: Error) => assert.is(error.message, 'the disk lied'),
    );
  });
});

/** The requests after `first` are of no matter. */
async function scriptedLoosely(
  first: Exchange[],
  work: (repository: RegistryRepository) => Promise<void>,
): Promise<void> {
  const { startScriptedServer } = await import('../support/scripted-server.ts');
  const server = await startScriptedServer(() => first);
  const client = connectRegistries({
    env: { HOME: '/nonexistent' },
    retry: { sleep: async () => undefined },
  });
  try {
    await work(createRemoteRepository(client, { registry: server.host, repository: 'app' }));
  } finally {
    await client.transport.close();
    await server.stop();
  }
}

test('a push that is allowed leaves nothing behind; one that is not says how to log in', async () => {
  await withRepository(
    () => [begun('/up/9'), { request: 'DELETE /up/9', status: 204 }],
    (repository) => repository.checkPush(signal),
  );
  await withRepository(
    () => [{ ...begun(), status: 403, answerHeaders: {}, answer: '{"errors":[{"code":"DENIED"}]}' }],
    async (repository) => {
      const said = /push to app: DENIED[\s\S]*login 127/;
      await rejects(repository.checkPush(signal), 'ERR_UNAUTHORIZED', said);
    },
  );
  await withRepository(
    () => [{ ...begun(), status: 404, answerHeaders: {} }],
    async (repository) => {
      await rejects(repository.checkPush(signal), 'ERR_REGISTRY', /no repository app/);
    },
  );
});

test('a manifest is pushed under its tag, or its digest, and read again', async () => {
  const bytes = Buffer.from('{"schemaVersion":2}');
  const own = digestOf(bytes);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const stored: Partial<Exchange> = {
    headers: { 'content-type': mediaType, 'content-length': String(bytes.length) },
    body: bytes.toString(),
    status: 201,
    answerHeaders: { 'docker-content-digest': own },
  };
  await withRepository(
    () => [
      { request: 'PUT /v2/app/manifests/v1', ...stored },
      { request: `PUT /v2/app/manifests/${own}`, ...stored },
      { request: 'GET /v2/app/manifests/v1', answerHeaders: { 'content-type': mediaType }, answer: bytes },
      { request: `GET /v2/app/manifests/${own}`, answer: 'other' },
      { request: 'GET /v2/app/manifests/v2', status: 404 },
      { request: 'HEAD /v2/app/manifests/v1', answerHeaders: { 'docker-content-digest': own } },
      { request: 'HEAD /v2/app/manifests/v2', status: 404 },
    ],
    async (repository) => {
      const expected = { mediaType, digest: own, size: bytes.length };
      assert.equal(await repository.pushManifest({ bytes, mediaType, tag: 'v1' }, signal), expected);
      assert.equal(await repository.pushManifest({ bytes, mediaType }, signal), expected);
      assert.equal(await repository.readManifest('v1', signal), { bytes, mediaType, digest: own });
      await rejects(repository.readManifest(own, signal), 'ERR_DIGEST_MISMATCH', /is right/);
      assert.is(await repository.readManifest('v2', signal), undefined);
      assert.is(await repository.manifestDigest('v1', signal), own);
      assert.is(await repository.manifestDigest('v2', signal), undefined);
    },
  );
});

test.run();
