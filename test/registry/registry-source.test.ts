import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { manifestLimit } from '../../src/oci/manifest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { rejects } from '../support/rejects.ts';
import {
  configExchange,
  linux,
  manifestExchange,
  scripted,
  sourceFor,
} from '../support/scripted-registry.ts';
import type { Exchange } from '../support/scripted-server.ts';
import { type Blob, blobOf, descriptorOf, indexOf, smallImage } from '../support/small-image.ts';

const test = suite('registry source');
const { signal } = new AbortController();

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('an image is its verified manifest and configuration, and no layer is asked for', async () => {
  const image = smallImage({ layers: ['one', 'two'] });
  await scripted(
    () => [manifestExchange(image), configExchange(image)],
    async ({ host }) => {
      const found = await sourceFor().resolve(`${host}/app`, linux, signal);
      assert.is(found.name, `${host}/app:latest`);
      assert.equal(found.descriptor, descriptorOf(image.manifest));
      assert.is(found.resolved, image.manifest.digest);
      assert.equal(found.manifest.layers, image.layers.map(descriptorOf));
      assert.equal(found.config.config?.Env, ['PATH=/bin']);
      assert.ok(found.raw.manifest.equals(image.manifest.bytes));
      assert.ok(found.raw.config.equals(image.config.bytes));
    },
  );
});

test('a request accepts the manifests and indexes of OCI and of Docker', async () => {
  const image = smallImage();
  const accept = [
    mediaType.ociIndex,
    mediaType.ociManifest,
    mediaType.dockerIndex,
    mediaType.dockerManifest,
  ].join(', ');
  await scripted(
    () => [
      { ...manifestExchange(image), headers: { accept, authorization: undefined } },
      configExchange(image),
    ],
    async ({ host }) => {
      await sourceFor().resolve(`${host}/app`, linux, signal);
    },
  );
});

test('an index leads to the manifest of the platform, past attestations', async () => {
  const [amd, arm] = [smallImage(), smallImage({ platform: { os: 'linux', architecture: 'arm64' } })];
  const index = indexOf([
    { blob: amd.manifest, platform: { os: 'unknown', architecture: 'unknown' }, attestation: true },
    { blob: amd.manifest, platform: linux },
    { blob: arm.manifest, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
  ]);
  await scripted(
    () => [
      {
        request: 'GET /v2/app/manifests/1',
        answerHeaders: { 'content-type': index.mediaType },
        answer: index.bytes,
      },
      manifestExchange(arm, arm.manifest.digest),
      configExchange(arm),
    ],
    async ({ host }) => {
      const found = await sourceFor().resolve(
        `${host}/app:1`,
        { os: 'linux', architecture: 'arm64' },
        signal,
      );
      assert.is(found.resolved, index.digest);
      assert.is(found.descriptor.digest, arm.manifest.digest);
      assert.is(found.descriptor.platform?.variant, 'v8');
    },
  );
});

test('an index without the platform names those it has', async () => {
  const image = smallImage();
  const index = indexOf([
    { blob: image.manifest, platform: linux },
    { blob: image.manifest, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    { blob: image.manifest, platform: { os: 'unknown', architecture: 'unknown' } },
  ]);
  await scripted(
    () => [
      {
        request: 'GET /v2/app/manifests/latest',
        answerHeaders: { 'content-type': index.mediaType },
        answer: index.bytes,
      },
    ],
    async ({ host }) => {
      const wanted = { os: 'linux', architecture: 's390x' };
      const error = await rejects(
        sourceFor().resolve(`${host}/app`, wanted, signal),
        'ERR_IMAGE_NOT_FOUND',
        /s390x/,
      );
      assert.match(error.hint!, 'it has linux/amd64, linux/arm/v7;');
    },
  );
});

test('a single manifest of another platform is taken as it is', async () => {
  const image = smallImage({ platform: { os: 'linux', architecture: 'riscv64' } });
  await scripted(
    () => [manifestExchange(image), configExchange(image)],
    async ({ host }) => {
      const found = await sourceFor().resolve(`${host}/app`, linux, signal);
      assert.is(found.config.architecture, 'riscv64');
    },
  );
});

test('indexes that only lead to indexes are given up', async () => {
  const image = smallImage();
  let inner = image.manifest;
  const indexes: Blob[] = [];
  for (let i = 0; i < 5; i++) {
    inner = indexOf([{ blob: inner, platform: linux }]);
    indexes.unshift(inner);
  }
  await scripted(
    () =>
      indexes.map((index, i) => ({
        request: `GET /v2/app/manifests/${i === 0 ? 'latest' : index.digest}`,
        answerHeaders: { 'content-type': index.mediaType },
        answer: index.bytes,
      })),
    async ({ host }) => {
      await rejects(sourceFor().resolve(`${host}/app`, linux, signal), 'ERR_BAD_IMAGE', /too deep/);
    },
  );
});

const wrongDigest = `sha256:${'0'.repeat(64)}`;

test('a manifest that is not what the reference, the header or the index says is refused', async () => {
  const image = smallImage();
  await scripted(
    () => [
      {
        ...manifestExchange(image),
        answerHeaders: { 'content-type': image.manifest.mediaType, 'docker-content-digest': wrongDigest },
      },
      { ...manifestExchange(image, wrongDigest) },
    ],
    async ({ host }) => {
      const source = sourceFor();
      await rejects(source.resolve(`${host}/app`, linux, signal), 'ERR_DIGEST_MISMATCH', /0000 is right/);
      await rejects(source.resolve(`${host}/app@${wrongDigest}`, linux, signal), 'ERR_DIGEST_MISMATCH');
    },
  );
  const index = indexOf([{ blob: { ...image.manifest, size: 7 }, platform: linux }]);
  await scripted(
    () => [
      {
        request: 'GET /v2/app/manifests/latest',
        answerHeaders: { 'content-type': index.mediaType },
        answer: index.bytes,
      },
      manifestExchange(image, image.manifest.digest),
    ],
    async ({ host }) => {
      await rejects(sourceFor().resolve(`${host}/app`, linux, signal), 'ERR_DIGEST_MISMATCH', /7 bytes/);
    },
  );
});

test('a configuration with wrong bytes, too many or too few is refused', async () => {
  const image = smallImage();
  for (const answer of [Buffer.alloc(image.config.size, 32), Buffer.alloc(image.config.size + 1), 'x']) {
    await scripted(
      () => [manifestExchange(image), { ...configExchange(image), answer }],
      async ({ host }) => {
        await rejects(sourceFor().resolve(`${host}/app`, linux, signal), 'ERR_DIGEST_MISMATCH');
      },
    );
  }
});

test('a configuration that is said to be huge is not asked for', async () => {
  const image = smallImage();
  const manifest = blobOf(mediaType.ociManifest, {
    schemaVersion: 2,
    config: { ...descriptorOf(image.config), size: 9 << 20 },
    layers: [],
  });
  await scripted(
    () => [manifestExchange({ ...image, manifest })],
    async ({ host }) => {
      await rejects(sourceFor().resolve(`${host}/app`, linux, signal), 'ERR_BAD_IMAGE', /8 MiB/);
    },
  );
});

test('a manifest and a configuration with different numbers of layers are refused', async () => {
  const image = smallImage({ layers: ['one', 'two'], diffIDs: [digestOf('one')] });
  await scripted(
    () => [manifestExchange(image), configExchange(image)],
    async ({ host }) => {
      const resolved = sourceFor().resolve(`${host}/app`, linux, signal);
      await rejects(resolved, 'ERR_BAD_IMAGE', /2 layers in its manifest and 1 in/);
    },
  );
});

test('a manifest that never ends is cut off', async () => {
  const answer = Buffer.alloc(manifestLimit + (1 << 20), 32);
  await scripted(
    () => [{ request: 'GET /v2/app/manifests/latest', answer, chunked: true }],
    async ({ host }) => {
      await rejects(
        sourceFor().resolve(`${host}/app`, linux, signal),
        'ERR_BAD_IMAGE',
        /larger than the 4 MiB/,
      );
    },
  );
});

test("manifests of Docker's schema 1 are not supported, also when they hide their type", async () => {
  const answer = JSON.stringify({ schemaVersion: 1, name: 'app', fsLayers: [] });
  for (const type of ['application/vnd.docker.distribution.manifest.v1+prettyjws', 'application/json']) {
    await scripted(
      () => [{ request: 'GET /v2/app/manifests/latest', answer, answerHeaders: { 'content-type': type } }],
      async ({ host }) => {
        await rejects(sourceFor().resolve(`${host}/app`, linux, signal), 'ERR_UNSUPPORTED', /schema 1/);
      },
    );
  }
});

test('layers stream as they are stored', async () => {
  const image = smallImage({ layers: [Buffer.alloc(300_000, 7), ''] });
  const blob = (i: number): Exchange => ({
    request: `GET /v2/app/blobs/${image.layers[i]!.digest}`,
    answer: image.layers[i]!.bytes,
  });
  await scripted(
    () => [manifestExchange(image), configExchange(image), blob(0), blob(1)],
    async ({ host }) => {
      const found = await sourceFor().resolve(`${host}/app`, linux, signal);
      for (const [i, layer] of found.manifest.layers.entries()) {
        assert.ok((await bytesOf(found.blob(layer, signal))).equals(image.layers[i]!.bytes));
      }
    },
  );
});

test.run();
