import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { createDispatchers } from '../../src/registry/dispatcher.ts';
import { createHttpIndex } from '../../src/source/http-index.ts';
import { createHttpClient } from '../../src/source/http-request.ts';
import { createHttpSource, type HttpSource } from '../../src/source/http-source.ts';
import { nameOfUrl } from '../../src/source/url-name.ts';
import { createMemoryContentStore } from '../support/memory-content-store.ts';
import { rejects } from '../support/rejects.ts';
import { type Exchange, startScriptedServer } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('http-source');
const { signal } = new AbortController();
const wednesday = 'Wed, 01 Jan 2020 00:00:00 GMT';

interface Bench {
  url(path: string): string;
  /** As a new build has it: store and memory stay. */
  source(secrets?: Record<string, string>, longest?: number): HttpSource;
  store: ReturnType<typeof createMemoryContentStore>;
}

/** Runs against a server that expects exactly these requests. */
async function scripted(
  script: Exchange[] | ((host: string) => Exchange[]),
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  await using dir = await tempDir();
  const server = await startScriptedServer((host) => (typeof script === 'function' ? script(host) : script));
  const dispatchers = createDispatchers({ env: {}, idleTimeout: 5_000 });
  const store = createMemoryContentStore();
  try {
    await run({
      url: (path) => `http://${server.host}${path}`,
      store,
      source: (secrets = {}, longest) =>
        createHttpSource({
          store,
          index: createHttpIndex(dir.file('http'), dir.path),
          client: createHttpClient({ dispatcher: (url) => dispatchers.for(url, false), pauses: [1, 1] }),
          secret: async (id) => (secrets[id] === undefined ? undefined : Buffer.from(secrets[id])),
          retries: 2,
          ...(longest === undefined ? {} : { longest }),
        }),
    });
    server.finished();
  } finally {
    await dispatchers.close();
    await server.stop();
  }
}

test('a file is stored by content, its time that of Last-Modified; within a build it is fetched once', () =>
  scripted(
    [{ request: 'GET /f', answer: 'content', answerHeaders: { 'last-modified': wednesday } }],
    async ({ url, source, store }) => {
      const one = source();
      const [file] = await Promise.all([
        one.fetch(url('/f'), undefined, signal),
        one.fetch(url('/f'), undefined, signal),
      ]);
      assert.is(file.digest, digestOf('content'));
      assert.is(file.mtime, 1577836800_000_000_000n);
      assert.is((await store.read(file.digest)).toString(), 'content');
    },
  ));

test('a later build asks whether it has changed: by ETag, else by time', () =>
  scripted(
    [
      { request: 'GET /f', answer: 'one', answerHeaders: { etag: '"1"', 'last-modified': wednesday } },
      { request: 'GET /f', headers: { 'if-none-match': '"1"' }, status: 304, chunked: true },
      {
        request: 'GET /f',
        headers: { 'if-none-match': '"1"' },
        answer: 'two',
        answerHeaders: { 'last-modified': wednesday },
      },
      {
        request: 'GET /f',
        headers: { 'if-none-match': undefined, 'if-modified-since': wednesday },
        status: 304,
        chunked: true,
      },
    ],
    async ({ url, source }) => {
      const fetch = async () => (await source().fetch(url('/f'), undefined, signal)).digest;
      assert.is(await fetch(), digestOf('one'));
      assert.is(await fetch(), digestOf('one'));
      assert.is(await fetch(), digestOf('two'));
      assert.is(await fetch(), digestOf('two'));
    },
  ));

test('what is no longer stored is asked for without conditions', () =>
  scripted(
    [
      { request: 'GET /f', answer: 'one', answerHeaders: { etag: '"1"' } },
      { request: 'GET /f', headers: { 'if-none-match': undefined }, answer: 'one' },
    ],
    async ({ url, source, store }) => {
      const { digest } = await source().fetch(url('/f'), undefined, signal);
      await store.remove(digest);
      assert.is((await source().fetch(url('/f'), undefined, signal)).digest, digest);
    },
  ));

test('a checksum that is stored asks nothing; one that does not match keeps nothing', () =>
  scripted(
    [
      { request: 'GET /f', answer: 'tampered' },
      { request: 'GET /f', answer: 'good' },
    ],
    async (bench) => {
      const { url, source, store } = bench;
      const expected = digestOf('good');
      await rejects(source().fetch(url('/f'), expected, signal), 'ERR_DIGEST_MISMATCH');
      assert.is(await store.info(digestOf('tampered')), undefined);
      assert.is((await source().fetch(url('/f'), expected, signal)).digest, expected);
      assert.is((await source().fetch(url('/f'), expected, signal)).digest, expected);
      assert.is((await source().fetch(url('/elsewhere'), expected, signal)).digest, expected);
    },
  ));

test('busy servers and broken downloads are tried again, what is missing is not', () =>
  scripted(
    [
      { request: 'GET /f', status: 503 },
      { request: 'GET /f', answer: 'content', cut: 3 },
      { request: 'GET /f', answer: 'content' },
      { request: 'GET /none', status: 404 },
      { request: 'GET /mine', status: 403 },
    ],
    async ({ url, source }) => {
      assert.is((await source().fetch(url('/f'), undefined, signal)).digest, digestOf('content'));
      await rejects(
        source().fetch(url('/none'), undefined, signal),
        'ERR_SOURCE_NOT_FOUND',
        /\/none: the server says 404/,
      );
      await rejects(
        source().fetch(url('/mine'), undefined, signal),
        'ERR_UNAUTHORIZED',
        /HTTP_AUTH_TOKEN_127\.0\.0\.1/,
      );
    },
  ));

test('redirects are followed, but to no other scheme and not for ever', () =>
  scripted(
    (host) => [
      { request: 'GET /a', status: 302, answerHeaders: { location: '/b' } },
      { request: 'GET /b', status: 307, answerHeaders: { location: `http://${host}/c` } },
      { request: 'GET /c', answer: 'there' },
      { request: 'GET /file', status: 302, answerHeaders: { location: 'file:///etc/passwd' } },
      ...Array.from({ length: 11 }, () => ({
        request: 'GET /loop',
        status: 302,
        answerHeaders: { location: '/loop' },
      })),
    ],
    async ({ url, source }) => {
      assert.is((await source().fetch(url('/a'), undefined, signal)).digest, digestOf('there'));
      await rejects(source().fetch(url('/file'), undefined, signal), 'ERR_NETWORK', /not followed: file:/);
      await rejects(source().fetch(url('/loop'), undefined, signal), 'ERR_NETWORK', /more than 10 times/);
    },
  ));

test('secrets and logins go to their own server alone, and into no message', async () => {
  const other = await startScriptedServer(() => [
    { request: 'GET /x', headers: { authorization: undefined }, answer: 'x' },
  ]);
  try {
    await scripted(
      [
        { request: 'GET /f', headers: { authorization: 'Bearer top' }, answer: 'f' },
        { request: 'GET /g', headers: { authorization: 'Custom x' }, answer: 'g' },
        {
          request: 'GET /h',
          headers: { authorization: `Basic ${Buffer.from('me:pa ss').toString('base64')}` },
          status: 404,
        },
        {
          request: 'GET /away',
          headers: { authorization: 'Bearer top' },
          status: 302,
          answerHeaders: { location: `http://${other.host}/x` },
        },
      ],
      async ({ url, source }) => {
        const token = { 'HTTP_AUTH_TOKEN_127.0.0.1': 'top\n' };
        await source(token).fetch(url('/f'), undefined, signal);
        await source({ ...token, 'HTTP_AUTH_HEADER_127.0.0.1': 'Custom x' }).fetch(
          url('/g'),
          undefined,
          signal,
        );
        const withLogin = url('/h').replace('http://', 'http://me:pa%20ss@');
        const error = await rejects(source().fetch(withLogin, undefined, signal), 'ERR_SOURCE_NOT_FOUND');
        assert.not.match(`${error.message} ${error.hint}`, /pa( |%20)ss/);
        await source(token).fetch(url('/away'), undefined, signal);
      },
    );
    other.finished();
  } finally {
    await other.stop();
  }
});

test('a body that the server has compressed for the way is stored as it was', () =>
  scripted(
    [{ request: 'GET /f', answer: gzipSync('plain'), answerHeaders: { 'content-encoding': 'gzip' } }],
    async ({ url, source }) =>
      assert.is((await source().fetch(url('/f'), undefined, signal)).digest, digestOf('plain')),
  ));

test('without a network it is an error that names the server, and no older file', async () => {
  let address = '';
  await scripted(
    [{ request: 'GET /f', answer: 'one', answerHeaders: { etag: '"1"' } }],
    async ({ url, source }) => {
      address = url('/f');
      await source().fetch(address, undefined, signal);
    },
  );
  await scripted([], async ({ source }) => {
    await rejects(
      source().fetch(address, undefined, signal),
      'ERR_NETWORK',
      /can't fetch http:\/\/127\.0\.0\.1/,
    );
    await rejects(source().fetch('ftp://h/f', undefined, signal), 'ERR_USAGE', /no http or https URL/);
  });
});

test('the name is the last part of the path; where there is none it is __unnamed__', () => {
  assert.is(nameOfUrl('http://h/a/b.tgz?x=/y#z'), 'b.tgz');
  assert.is(nameOfUrl('http://h/a%20b'), 'a b');
  for (const url of [
    'http://h',
    'http://h/',
    'http://h/..%2f..',
    'http://h/a%2f..',
    'http://h/%00',
    'http://h/%ff',
  ])
    assert.is(nameOfUrl(url), '__unnamed__');
});

test('a login that is no right percent-encoding is sent as it stands', () =>
  scripted(
    [
      {
        request: 'GET /f',
        headers: { authorization: `Basic ${Buffer.from('a%zz:p').toString('base64')}` },
        answer: 'x',
      },
    ],
    async ({ url, source }) => {
      await source().fetch(url('/f').replace('http://', 'http://a%zz:p@'), undefined, signal);
    },
  ));

test('a file that goes on after the limit is given up, and nothing of it is kept', () =>
  scripted(
    [{ request: 'GET /f', answer: Buffer.alloc(300_000), chunked: true }],
    async ({ url, source, store }) => {
      await rejects(
        source({}, 100_000).fetch(url('/f'), undefined, signal),
        'ERR_NETWORK',
        /SLIPWAY_LIMITS=download/,
      );
      assert.is(store.blobs.size, 0);
    },
  ));

test.run();
