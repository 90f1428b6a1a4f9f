// Base images that the store holds, as the linter knows them.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKnownBases } from '../../src/build/known-bases.ts';
import { openKnownBases } from '../../src/engine.ts';
import { lintText } from '../../src/lint/lint-text.ts';
import type { LintSettings } from '../../src/lint/settings.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { createImageStore } from '../../src/store/image-store.ts';
import { createResolutionIndex } from '../../src/store/resolution-index.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('base images in lint');

const config = {
  os: 'linux',
  architecture: 'amd64',
  config: { WorkingDir: '/app', Shell: ['/bin/bash', '-o', 'pipefail', '-c'], Env: ['APP=1'] },
  rootfs: { type: 'layers' as const, diff_ids: [] },
};
const bases: LintSettings['bases'] = {
  get: (key) => (key === 'registry docker.io/library/app:1 linux/amd64' ? { config } : undefined),
};
const text = 'FROM app:1 AS one\nFROM one\nCOPY a b\nRUN x | y\nENV PATH=$APP/bin\nCMD x\n';
const codes = (settings: LintSettings) => lintText(text, 'Dockerfile', settings).map(({ rule }) => rule);

test('WORKDIR, SHELL and ENV of a base image count', () => {
  const without = codes({});
  for (const code of ['DL3045', 'DL4006', 'UndefinedVar']) assert.ok(without.includes(code), code);
  const known = codes({ bases });
  for (const code of ['DL3045', 'DL4006', 'UndefinedVar']) assert.not.ok(known.includes(code), code);
});

test("in another linter's place nothing is known of them", () => {
  for (const compat of ['hadolint', 'buildkit'] as const)
    assert.equal(codes({ compat, bases }), codes({ compat }));
});

test('images with a name, and what references stood for, are known; what is not whole is not', async () => {
  await using dir = await tempDir();
  const root = dir.path;
  assert.is(await openKnownBases(root), undefined);
  const store = createContentStore(root);
  const signal = new AbortController().signal;
  const put = async (document: object, mediaType: string): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(document));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await store.ingest([bytes], descriptor, signal);
    return descriptor;
  };
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const document = await put(config, 'application/vnd.oci.image.config.v1+json');
  const manifest = await put({ schemaVersion: 2, config: document, layers: [] }, manifestType);
  const platform = { os: 'linux', architecture: 'amd64' };
  const index = await put(
    { schemaVersion: 2, manifests: [{ ...manifest, platform }] },
    'application/vnd.oci.image.index.v1+json',
  );
  await createImageStore(root, store).tag('app:1', index);
  const resolutions = createResolutionIndex(root);
  const name = (tag: string) => `docker.io/library/app:${tag}`;
  await resolutions.set(name('2'), platform, { descriptor: manifest, resolved: index.digest });
  const lost = { ...manifest, digest: digestOf('lost') };
  await resolutions.set(name('3'), platform, { descriptor: lost, resolved: lost.digest });
  const known = createKnownBases(root);
  for (const tag of ['1', '2'])
    assert.is(known.get(`registry ${name(tag)} linux/amd64`)?.config.config?.WorkingDir, '/app');
  for (const key of [
    `registry ${name('3')} linux/amd64`,
    `registry ${name('1')} linux/arm64`,
    'layout x linux/amd64',
  ])
    assert.is(known.get(key), undefined);
  assert.ok(await openKnownBases(root));
});

test.run();
