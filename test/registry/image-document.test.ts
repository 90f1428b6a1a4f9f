import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { type Index, isIndex } from '../../src/oci/manifest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import type { HttpAnswer } from '../../src/registry/http.ts';
import { pickManifest, readDocument } from '../../src/registry/image-document.ts';
import { indexOf, smallImage } from '../support/small-image.ts';

const test = suite('image document');
const linux = { os: 'linux', architecture: 'amd64' };

function answer(bytes: Buffer, type?: string): HttpAnswer {
  const headers = { 'content-type': type };
  return {
    status: 200,
    headers,
    url: new URL('https://r.example/'),
    foreign: false,
    bytes,
    truncated: false,
  };
}

function index(entries: Parameters<typeof indexOf>[0]): Index {
  const { document } = readDocument(answer(indexOf(entries).bytes), 'app');
  assert.ok(isIndex(document));
  return document;
}

test('a manifest without a type is one of OCI, whatever the content type', () => {
  const { config, layers } = JSON.parse(smallImage().manifest.bytes.toString());
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers }));
  for (const type of [undefined, 'application/json', 'text/plain; charset=utf-8'])
    assert.is(readDocument(answer(bytes, type), 'app').document.mediaType, mediaType.ociManifest);
  const docker = readDocument(answer(bytes, `${mediaType.dockerManifest}; charset=utf-8`), 'app');
  assert.is(docker.document.mediaType, mediaType.dockerManifest);
});

test('the only image of an index that names no platform is taken', () => {
  const { manifest } = smallImage();
  const attestation = { blob: manifest, platform: { os: 'unknown', architecture: 'unknown' } };
  const picked = pickManifest(index([{ blob: manifest }, attestation]), linux, 'app');
  assert.is(picked.digest, manifest.digest);
  assert.throws(
    () => pickManifest(index([{ blob: manifest }, { blob: manifest }]), linux, 'app'),
    (error: unknown) => isSlipwayError(error) && error.code === 'ERR_IMAGE_NOT_FOUND',
  );
  assert.throws(
    () => pickManifest(index([attestation]), linux, 'app'),
    (error: unknown) => isSlipwayError(error) && /lists no images/.test(error.hint ?? ''),
  );
});

test('a document that could be read as a manifest and as an index is refused', () => {
  const { manifest } = smallImage();
  const image = JSON.parse(manifest.bytes.toString());
  const { manifests } = JSON.parse(indexOf([{ blob: manifest }]).bytes.toString());
  const read = (document: object) => readDocument(answer(Buffer.from(JSON.stringify(document))), 'app');
  assert.throws(
    () => read({ ...image, manifests }),
    (error: unknown) => isSlipwayError(error) && error.code === 'ERR_BAD_IMAGE',
  );
  // A member that is null says nothing.
  read({ ...image, manifests: null });
});

test('documents made to confuse end in an image or a clear error', () => {
  const odd = fc.constantFrom<unknown>(null, 0, 1, -1, 1e300, '', 'linux', '\u001b[2J', [], [null], {}, true);
  const text = fc.oneof(odd, fc.constantFrom(...Object.values(mediaType)));
  const descriptor = fc.record(
    {
      mediaType: text,
      digest: fc.oneof(fc.constant<unknown>(digestOf('x')), odd),
      size: fc.oneof(fc.constant<unknown>(7), odd),
      annotations: odd,
      platform: fc.oneof(
        odd,
        fc.record(
          { os: text, architecture: odd, variant: odd, 'os.version': odd },
          { requiredKeys: ['os', 'architecture'] },
        ),
      ),
    },
    { requiredKeys: ['digest', 'size'] },
  );
  const list = fc.oneof(odd, fc.array(fc.oneof(descriptor, odd), { maxLength: 3 }));
  const document = fc.record(
    {
      schemaVersion: fc.oneof(fc.constant<unknown>(2), odd),
      mediaType: text,
      config: fc.oneof(descriptor, odd),
      layers: list,
      manifests: list,
      annotations: odd,
    },
    { requiredKeys: [] },
  );
  const json = fc.oneof(document, odd).map((value) => Buffer.from(JSON.stringify(value)));
  fc.assert(
    fc.property(fc.oneof(json, fc.uint8Array().map(Buffer.from)), fc.option(text), (bytes, type) => {
      try {
        const found = readDocument(answer(bytes, type ? String(type) : undefined), 'app');
        if (isIndex(found.document)) pickManifest(found.document, linux, 'app');
      } catch (error) {
        if (!isSlipwayError(error)) throw error;
        assert.not.match(`${error.message}${error.hint}`, '\u001b');
      }
    }),
    { numRuns: 3000, seed: 4, interruptAfterTimeLimit: 2000 },
  );
});

test.run();
