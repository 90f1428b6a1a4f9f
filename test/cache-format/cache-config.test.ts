// Documents of shared caches: what is written is read again, and what is not sound is refused and nothing worse.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeCacheConfig, encodeCacheConfig } from '../../src/cache-format/cache-config.ts';
import {
  blobsOfCache,
  encodeCacheManifest,
  readCacheDocument,
} from '../../src/cache-format/cache-manifest.ts';
import { decodeInlineCache, encodeInlineCache, inlineCacheKey } from '../../src/cache-format/inline-cache.ts';
import { decodeKeyTrees, encodeKeyTrees } from '../../src/cache-format/key-trees.ts';
import { isSlipwayError } from '../../src/errors.ts';
import type { ImageConfig } from '../../src/oci/config.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { blob, cache, diffID, key, result } from './cache-fixture.ts';

const test = suite('documents of shared caches');

const mount = {
  id: 'npm',
  mode: 0o755,
  uid: 0,
  gid: 0,
  shape: key('shape'),
  blobs: [blob('m')],
  used: '2030-01-01T00:00:00.000Z',
};
const sample = cache([result('a', ['1', '2']), { ...result('b', ['3']), ran: '2030-01-02T00:00:00.000Z' }], {
  mounts: [mount],
  trees: [blob('trees')],
});

test('what is written is read again', () => {
  assert.equal(decodeCacheConfig(encodeCacheConfig(sample)), sample);
});

const refused = (what: () => unknown): string | undefined => {
  try {
    what();
    return undefined;
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    return error.code;
  }
};

test('what is not sound is refused, wherever it stands', () => {
  const text = encodeCacheConfig(sample).toString();
  const changes: [string, string][] = [
    [key('1'), 'sha256:1'],
    [key('1'), '../../etc/passwd'],
    [sample.layers[0]!.diffID, 'sha512:aa'],
    ['"size":100', '"size":-1'],
    ['"size":10', '"size":1e99'],
    ['"seconds":1.5', '"seconds":null'],
    ['"seconds":1.5', '"seconds":-1'],
    ['"used":"2030', '"used":"x030'],
    ['"used":"2030-01', '"used":"2030-13'],
    ['"results":[', '"results":["",'],
    ['"layers":[', '"layers":[null,'],
    ['"mounts":[', '"mounts":7,"m":['],
    ['"description":"RUN a"', `"description":["RUN a"]`],
    ['"uid":0', '"uid":-1'],
    ['"mode":493', '"mode":"493"'],
  ];
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), from);
    const bytes = Buffer.from(text.replace(from, to));
    assert.is(
      refused(() => decodeCacheConfig(bytes)),
      'ERR_BAD_IMAGE',
      `${from} -> ${to}`,
    );
  }
  for (const other of ['', '[]', 'null', '{"version":1}', 'sample'])
    assert.ok(
      refused(() => decodeCacheConfig(Buffer.from(other))),
      other,
    );
});

test('a later version is told apart', () => {
  const bytes = Buffer.from(encodeCacheConfig(sample).toString().replace('"version":1', '"version":2'));
  assert.is(
    refused(() => decodeCacheConfig(bytes)),
    'ERR_UNSUPPORTED',
  );
});

test('any bytes are read or refused', () => {
  const whole = encodeCacheConfig(sample);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 8 }), (at, bytes) => {
      const damaged = Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + bytes.length)]);
      refused(() => decodeCacheConfig(damaged));
      refused(() => readCacheDocument(damaged, mediaType.ociManifest));
      refused(() => decodeKeyTrees(damaged));
    }),
    { seed: 1, numRuns: 400 },
  );
});

test('a manifest names every blob once, in each of its forms', () => {
  const config = blob('config');
  const blobs = blobsOfCache({ ...sample, trees: [blob('trees'), blob('trees')] });
  assert.is(blobs.length, 4);
  for (const form of [
    { imageManifest: true, ociMediaTypes: true },
    { imageManifest: false, ociMediaTypes: true },
    { imageManifest: false, ociMediaTypes: false },
  ]) {
    const manifest = encodeCacheManifest(config, blobs, form);
    for (const { digest } of [...blobs, config]) assert.ok(manifest.bytes.includes(digest), digest);
    const read = readCacheDocument(manifest.bytes, manifest.mediaType);
    assert.is(read.kind === 'cache' && read.config.digest, config.digest);
    assert.is(manifest.bytes.includes('vnd.docker'), !form.ociMediaTypes);
  }
});

test('what other builders and images have under the name is told apart', () => {
  const document = (config: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaType.ociManifest,
        config: { ...blob('c'), mediaType: config },
        layers: [],
      }),
    );
  assert.is(readCacheDocument(document(mediaType.ociConfig), '').kind, 'image');
  assert.is(readCacheDocument(document('application/vnd.buildkit.cacheconfig.v0'), '').kind, 'foreign');
});

test('key trees are read again, and refused where they are none', () => {
  const trees = new Map([[key('1'), { a: 'x', b: { c: 'y' } }]]);
  assert.equal(decodeKeyTrees(encodeKeyTrees(trees)), trees);
  const deep = `${'{"a":'.repeat(3000)}""${'}'.repeat(3000)}`;
  for (const bad of [
    `{"version":1,"trees":{"x":{}}}`,
    `{"version":1,"trees":{"${key('1')}":7}}`,
    `{"version":1,"trees":{"${key('1')}":${deep}}}`,
  ])
    assert.is(
      refused(() => decodeKeyTrees(Buffer.from(bad))),
      'ERR_BAD_IMAGE',
    );
});

test('an inline cache has the layers of its image, whatever an exporter made of them, and the identities of others', () => {
  const results = [result('base', ['1']), result('top', ['2', '3']), result('elsewhere', ['4'])];
  const value = encodeInlineCache(results, [diffID('below'), diffID('base'), diffID('top')]);
  const config = {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [diffID('below'), diffID('base'), diffID('top, rewritten')] },
    [inlineCacheKey]: JSON.parse(JSON.stringify(value)) as unknown,
  } as ImageConfig;
  const layers = [blob('0'), blob('1'), blob('2')];
  const read = decodeInlineCache(config, layers)!;
  assert.equal(
    read.results.map((one) => one.diffID),
    [diffID('base'), diffID('top, rewritten'), diffID('elsewhere')],
  );
  assert.equal(
    read.layers.map((layer) => [layer.diffID, layer.forms[0]!.blob.digest]),
    [
      [diffID('base'), layers[1]!.digest],
      [diffID('top, rewritten'), layers[2]!.digest],
    ],
  );
  assert.is(decodeInlineCache({ ...config, [inlineCacheKey]: undefined } as ImageConfig, layers), undefined);
  for (const bad of [
    null,
    7,
    { version: 1 },
    { version: 1, results: [null] },
    { version: 1, results: [{ layer: 9 }] },
  ])
    assert.ok(refused(() => decodeInlineCache({ ...config, [inlineCacheKey]: bad } as ImageConfig, layers)));
});

test.run();
