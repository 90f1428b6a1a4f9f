import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { encodeJson, isIndex, type Manifest, manifestLimit, parseManifest } from '../../src/oci/manifest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { mutations } from '../support/mutate-json.ts';

const test = suite('manifest');
const descriptor = (type: string, text: string) => ({
  mediaType: type,
  digest: digestOf(text),
  size: text.length,
});
const manifest = {
  schemaVersion: 2,
  mediaType: mediaType.ociManifest,
  config: descriptor(mediaType.ociConfig, 'config'),
  layers: [descriptor(mediaType.ociLayerGzip, 'one'), descriptor(mediaType.ociLayer, 'two')],
  annotations: { title: 'x' },
};
const index = {
  schemaVersion: 2,
  mediaType: mediaType.ociIndex,
  manifests: [
    {
      ...descriptor(mediaType.ociManifest, 'amd64'),
      platform: { os: 'linux', architecture: 'amd64', 'os.features': ['x'] },
      annotations: { a: 'b' },
    },
  ],
};
const parse = (value: unknown, type?: string) => parseManifest(encodeJson(value as object), type);

function refused(value: unknown, type?: string): string {
  try {
    parse(value, type);
  } catch (error) {
    if (isSlipwayError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'parsed';
}

test('a manifest is read as it is, and written as the same bytes', () => {
  const read = parse(manifest);
  assert.not(isIndex(read));
  assert.equal(read, manifest);
  assert.is(encodeJson(read).toString(), JSON.stringify(manifest));
});

test('an index is read as it is', () => {
  const read = parse(index);
  assert.ok(isIndex(read));
  assert.equal(read, index);
});

test('a document without a media type takes that of its descriptor', () => {
  const { mediaType: _type, ...bare } = manifest;
  assert.is(parse(bare, mediaType.dockerManifest).mediaType, mediaType.dockerManifest);
  assert.is(parse({ ...bare, mediaType: null }).mediaType, '');
});

test('an image may have no layers, and members that are null say nothing', () => {
  const { layers: _layers, ...bare } = manifest;
  assert.equal((parse(bare) as Manifest).layers, []);
  assert.equal((parse({ ...manifest, layers: null, annotations: null }) as Manifest).layers, []);
});

test('a document that reads as manifest and as index is refused', () => {
  assert.match(refused({ ...manifest, manifests: index.manifests }), 'ERR_BAD_IMAGE');
  assert.match(refused({ ...index, layers: [] }), 'ERR_BAD_IMAGE');
  assert.match(refused({ ...manifest, mediaType: mediaType.ociIndex }), 'ERR_BAD_IMAGE');
  assert.match(refused({ ...index, mediaType: mediaType.ociManifest }), 'ERR_BAD_IMAGE');
});

test('a descriptor needs a digest, a size that is no fraction, and sound texts', () => {
  const config = manifest.config;
  const broken = [
    null,
    'config',
    { ...config, digest: 'sha256:../../x' },
    { ...config, digest: undefined },
    { ...config, size: -1 },
    { ...config, size: 1.5 },
    { ...config, size: 2 ** 53 },
    { ...config, size: '6' },
    { ...config, mediaType: 7 },
    { ...config, annotations: { a: 1 } },
    { ...config, platform: { os: 'linux', architecture: 1 } },
  ];
  for (const one of broken) {
    assert.match(refused({ ...manifest, config: one }), 'ERR_BAD_IMAGE', JSON.stringify(one));
    assert.match(refused({ ...manifest, layers: [one] }), 'ERR_BAD_IMAGE', JSON.stringify(one));
    assert.match(refused({ ...index, manifests: [one] }), 'ERR_BAD_IMAGE', JSON.stringify(one));
  }
});

test('what is no JSON object, or too long, is refused', () => {
  for (const text of ['', '{', 'null', '7', '"x"', '[]', '\0'])
    assert.throws(() => parseManifest(Buffer.from(text)), isSlipwayError, text);
  assert.throws(
    () => parseManifest(Buffer.alloc(manifestLimit + 1, 0x20)),
    (error: unknown) => isSlipwayError(error) && /not read/.test(error.message),
  );
});

test('whatever member is changed to whatever, it parses or is refused as a bad image', () => {
  for (const document of [manifest, index]) {
    fc.assert(
      fc.property(mutations(document), (value) => {
        const answer = refused(value, mediaType.ociManifest);
        assert.ok(answer === 'parsed' || answer.startsWith('ERR_BAD_IMAGE'), answer);
      }),
      { seed: 1, numRuns: 500 },
    );
  }
});

test.run();
