import { mkdir, writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/digest.ts';
import { connectRegistries } from '../../src/registry/connect.ts';
import { createRegistrySource } from '../../src/registry/registry-source.ts';
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { pushImage, pushManifest } from '../support/push-image.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { indexOf, smallImage } from '../support/small-image.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('real registry');
const { signal } = new AbortController();
const linux = { os: 'linux', architecture: 'amd64' };
const arm = { os: 'linux', architecture: 'arm64' };
/** Of the password `secret`, with bcrypt's least cost. */
const htpasswd = 'alice:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';

async function withRegistry(
  options: { htpasswd?: string },
  work: (registry: DockerRegistry) => Promise<void>,
): Promise<void> {
  if (!requireFeature('docker-registry', hasDockerRegistry())) return;
  const registry = await startDockerRegistry(options);
  try {
    await work(registry);
  } finally {
    await registry.stop();
  }
}

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('images are pulled by tag, by digest and through an index', async () => {
  await withRegistry({}, async ({ host }) => {
    const target = { host, repository: 'team/app' };
    const image = smallImage({ layers: [Buffer.alloc(3 << 20, 5), 'two'] });
    const other = smallImage({ platform: arm, layers: ['arm'] });
    await pushImage(target, image, '1.0');
    await pushImage(target, other);
    const index = indexOf([
      { blob: image.manifest, platform: linux },
      { blob: other.manifest, platform: arm },
    ]);
    await pushManifest(target, index, 'multi');

    const source = createRegistrySource(connectRegistries({ env: { HOME: '/nonexistent' } }));
    const byTag = await source.resolve(`${host}/team/app:1.0`, linux, signal);
    assert.is(byTag.resolved, image.manifest.digest);
    for (const [i, layer] of byTag.manifest.layers.entries()) {
      const bytes = await bytesOf(byTag.blob(layer, signal));
      assert.ok(bytes.equals(image.layers[i]!.bytes));
    }
    const byDigest = await source.resolve(`${host}/team/app@${image.manifest.digest}`, linux, signal);
    assert.is(byDigest.name, `${host}/team/app@${image.manifest.digest}`);
    const throughIndex = await source.resolve(`${host}/team/app:multi`, arm, signal);
    assert.is(throughIndex.resolved, index.digest);
    assert.is(throughIndex.descriptor.digest, other.manifest.digest);

    await rejects(
      source.resolve(`${host}/team/app:2.0`, linux, signal),
      'ERR_IMAGE_NOT_FOUND',
      /MANIFEST_UNKNOWN/,
    );
    await rejects(source.resolve(`${host}/team/none`, linux, signal), 'ERR_IMAGE_NOT_FOUND');
  });
});

test('blobs are known to be there or not', async () => {
  await withRegistry({}, async ({ host }) => {
    const image = smallImage();
    await pushImage({ host, repository: 'app' }, image, 'latest');
    const client = connectRegistries({ env: { HOME: '/nonexistent' } });
    const repository = { registry: host, repository: 'app' };
    assert.is(await client.blobExists(repository, image.config.digest, signal), true);
    assert.is(await client.blobExists(repository, digestOf('none'), signal), false);
    await client.transport.close();
  });
});

test('a login from the Docker configuration opens a registry that wants one', async () => {
  await withRegistry({ htpasswd }, async ({ host }) => {
    const image = smallImage();
    await pushImage({ host, repository: 'app', login: 'alice:secret' }, image, 'latest');
    await using dir = await tempDir();
    await mkdir(dir.file('wrong'));
    const login = (text: string) =>
      JSON.stringify({ auths: { [host]: { auth: Buffer.from(text).toString('base64') } } });
    await writeFile(dir.file('config.json'), login('alice:secret'));
    await writeFile(dir.file('wrong', 'config.json'), login('alice:wrong'));

    const source = createRegistrySource(connectRegistries({ env: { DOCKER_CONFIG: dir.path } }));
    const found = await source.resolve(`${host}/app`, linux, signal);
    assert.is((await bytesOf(found.blob(found.manifest.layers[0]!, signal))).toString(), 'layer');

    const wrong = createRegistrySource(connectRegistries({ env: { DOCKER_CONFIG: dir.file('wrong') } }));
    await rejects(
      wrong.resolve(`${host}/app`, linux, signal),
      'ERR_UNAUTHORIZED',
      /UNAUTHORIZED: auth.*[\s\S]*slipway login/,
    );
    const anonymous = createRegistrySource(connectRegistries({ env: { HOME: '/nonexistent' } }));
    await rejects(
      anonymous.resolve(`${host}/app`, linux, signal),
      'ERR_UNAUTHORIZED',
      /a name and a password/,
    );
  });
});

test.run();
