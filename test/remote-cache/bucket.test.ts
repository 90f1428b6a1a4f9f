// Shared caches in a bucket. The server stands for the wire protocol, not for S3.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBucketCache } from '../../src/remote-cache/bucket.ts';
import { partSizeFor, partsOf } from '../../src/remote-cache/parts.ts';
import { outgoing, testCacheRemote } from '../contract/cache-remote.ts';
import { type BucketServer, bucketLogin, startBucketServer } from '../support/bucket-server.ts';

const optionsFor = ({ endpoint, bucket }: BucketServer, name: string) => ({
  bucket,
  name,
  region: 'eu-test-1',
  endpointURL: endpoint,
  usePathStyle: true,
  ...bucketLogin,
});

testCacheRemote('bucket', async () => {
  const server = await startBucketServer();
  return { open: (name) => createBucketCache(optionsFor(server, name), {}), close: server.stop };
});

const test = suite('createBucketCache');
const { signal } = new AbortController();

test('a blob that is old is given a new time, one that is new is left alone', async () => {
  const server = await startBucketServer();
  try {
    const blob = outgoing(Buffer.from('old'));
    const open = (touchRefresh: number) =>
      createBucketCache({ ...optionsFor(server, 'x'), touchRefresh }, {});
    await open(0).write(blob, signal);
    const puts = (): number => server.requests.filter((line) => line.startsWith('PUT')).length;
    assert.is(puts(), 1);
    assert.is(await open(3600_000).write(blob, signal), 'present');
    assert.is(puts(), 1);
    assert.is(await open(0).write(blob, signal), 'present');
    assert.is(puts(), 2);
  } finally {
    await server.stop();
  }
});

test('prefixes stand before the names of objects', async () => {
  const server = await startBucketServer();
  try {
    const prefixes = { prefix: 'team/', blobsPrefix: 'b/', manifestsPrefix: 'm/' };
    const remote = createBucketCache({ ...optionsFor(server, 'x'), ...prefixes }, {});
    await remote.write(outgoing(Buffer.from('blob')), signal);
    await remote.commit({ bytes: Buffer.from('{}'), mediaType: 'application/json' }, undefined, signal);
    const paths = server.requests.map((line) => line.split(/[ ?]/)[1]);
    assert.ok(
      paths.some((path) => path?.startsWith('/caches/team/b/')),
      paths.join(' '),
    );
    assert.ok(paths.includes('/caches/team/m/x'), paths.join(' '));
  } finally {
    await server.stop();
  }
});

test('a login that is refused, and a server that is not there, are told apart', async () => {
  const server = await startBucketServer();
  const wrong = createBucketCache({ ...optionsFor(server, 'x'), accessKeyID: 'UNKNOWN' }, {});
  const failure = await wrong.read(signal).catch((error: { code: string }) => error);
  await server.stop();
  assert.is((failure as { code: string }).code, 'ERR_UNAUTHORIZED');
  const gone = createBucketCache(optionsFor(server, 'x'), {});
  const unreachable = await gone.read(signal).catch((error: { code: string }) => error);
  assert.is((unreachable as { code: string }).code, 'ERR_NETWORK');
});

test('parts are of one size but the last, whatever the chunks', async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (const size of [1, 5, 0, 10, 3]) yield Buffer.alloc(size, size);
  }
  const sizes: number[] = [];
  for await (const part of partsOf(source(), 4)) sizes.push(part.length);
  assert.equal(sizes, [4, 4, 4, 4, 3]);
  assert.is(partSizeFor(1), 8 << 20);
  assert.ok(partSizeFor(1e12) * 10_000 >= 1e12);
});

test.run();
