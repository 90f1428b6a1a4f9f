// Caches in a registry and in buckets: what goes over the wire, counted at a proxy.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheReport } from '../../src/index.ts';
import { bucketLogin, startBucketServer } from '../support/bucket-server.ts';
import { haveBusybox } from '../support/busybox-base.ts';
import { type CacheBench, cacheBench } from '../support/cache-bench.ts';
import { type CountingProxy, startCountingProxy } from '../support/counting-proxy.ts';
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { pushImage } from '../support/push-image.ts';
import { requireFeature } from '../support/require-feature.ts';
import { smallImage } from '../support/small-image.ts';

const test = suite('shared caches in registries and buckets');

interface Wire extends AsyncDisposable {
  registry: DockerRegistry;
  proxy: CountingProxy;
  bench: CacheBench;
  /** `--cache-to` and `--cache-from` for a tag, through the proxy. */
  to(tag: string, more?: string): string;
  from(tag: string): string;
  /** Requests since the last call, by what they are about. */
  seen(): { blobs: string[]; uploads: string[]; all: string[] };
}

/** A registry with a base image of one empty layer, and a Dockerfile on it. */
async function wire(steps: readonly string[], files: Record<string, string>): Promise<Wire> {
  const registry = await startDockerRegistry();
  await pushImage(
    { host: registry.host, repository: 'base' },
    smallImage({ layers: [Buffer.alloc(1024)] }),
    'latest',
  );
  const proxy = await startCountingProxy(registry.host);
  const Dockerfile = [`FROM ${proxy.host}/base`, ...steps].join('\n');
  const bench = await cacheBench({ Dockerfile, ...files });
  const place = (tag: string): string => `type=registry,ref=${proxy.host}/app:${tag}`;
  return {
    registry,
    proxy,
    bench,
    to: (tag, more = '') => `--cache-to=${place(tag)}${more}`,
    from: (tag) => `--cache-from=${place(tag)}`,
    seen() {
      const all = proxy.requests.splice(0);
      return {
        all,
        blobs: all.filter((line) => /^GET .*\/blobs\/sha256/.test(line)),
        uploads: all.filter((line) => /^(PATCH|PUT) .*\/blobs\/uploads/.test(line)),
      };
    },
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await registry.stop();
      await bench[Symbol.asyncDispose]();
    },
  };
}

const copies = ['COPY a /', 'COPY b /', 'COPY c /'];
const files = { a: 'a', b: 'b', c: 'c' };

test('where all hits, a push under a new tag moves no layer and takes few requests', async () => {
  await using w = await wire(copies, files);
  const { bench } = w;
  await bench.build('a', [w.to('cache', ',mode=max'), `--output=type=registry,name=${w.proxy.host}/app:1`]);
  w.seen();
  const build = await bench.build('b', [
    w.from('cache'),
    `--output=type=registry,name=${w.proxy.host}/app:2`,
  ]);
  assert.equal(build.ran, []);
  assert.match(build.log, /CACHED from .*\/app:cache/);
  const { blobs, uploads, all } = w.seen();
  // The configs of the base and of the cache are read; the image's own config is there.
  assert.is(blobs.length, 2, all.join('\n'));
  assert.equal(uploads, [], all.join('\n'));
  assert.ok(all.length <= 10, all.join('\n'));
});

test('where a step runs, only the layers below it are fetched', async () => {
  await using w = await wire([...copies, 'COPY d /'], { ...files, d: 'd' });
  const { bench } = w;
  await bench.build('a', [w.to('cache', ',mode=max'), '--output=type=cacheonly']);
  await bench.write({ c: 'changed' });
  w.seen();
  const build = await bench.build('b', [w.from('cache'), '--output=type=cacheonly']);
  assert.equal(build.ran, ['COPY c /', 'COPY d /']);
  // The configs of base and cache; the layers of the base, of a and of b; what went into the cache's keys, to explain the misses by.
  const { blobs, all } = w.seen();
  assert.is(blobs.length, 6, all.join('\n'));
});

test('a report tells what of each layer was sent, and what another machine fetched', async () => {
  await using w = await wire([...copies, 'COPY d /'], { ...files, d: 'd' });
  const { bench } = w;
  const file = bench.file('report.json');
  const moved = async (root: string, flags: string[]) => {
    await bench.build(root, [...flags, `--cache-report=${file}`]);
    const { steps, summary } = JSON.parse(readFileSync(file, 'utf8')) as CacheReport;
    const copied = steps.filter(({ type }) => type === 'copy');
    const sum = (of: 'bytesPulled' | 'bytesPushed'): number =>
      steps.reduce((all, step) => all + (step[of] ?? 0), 0);
    assert.ok(sum('bytesPulled') <= summary.bytes.pulled, 'pulled');
    assert.ok(sum('bytesPushed') <= summary.bytes.pushed, 'pushed');
    return {
      pulled: copied.map(({ bytesPulled }) => bytesPulled! > 0),
      pushed: copied.map(({ bytesPushed }) => bytesPushed! > 0),
    };
  };
  const none = [false, false, false, false];
  const all = [true, true, true, true];
  const first = [w.to('cache', ',mode=max'), '--output=type=cacheonly'];
  assert.equal(await moved('a', first), { pulled: none, pushed: all });
  await bench.write({ c: 'changed' });
  const push = `--output=type=registry,name=${w.proxy.host}/other:1`;
  assert.equal(await moved('b', [w.from('cache'), push]), {
    pulled: [true, true, false, false],
    // Layers of the cache are mounted from its repository.
    pushed: [false, false, true, false],
  });
});

test('a push of a layer that the cache has lost runs its step', async () => {
  await using w = await wire(copies, files);
  const { bench } = w;
  const place = bench.file('kept');
  await bench.build('a', [`--cache-to=type=local,dest=${place},mode=max`, '--output=type=cacheonly']);
  const folder = `${place}/blobs/sha256`;
  const layers = readdirSync(folder).filter((name) => readFileSync(`${folder}/${name}`)[0] === 0x1f);
  for (const [index, name] of layers.entries()) {
    if (index % 2 === 0) rmSync(`${folder}/${name}`);
    else writeFileSync(`${folder}/${name}`, 'forged');
  }
  const name = `${w.proxy.host}/app:1`;
  const build = await bench.build('b', [
    `--cache-from=type=local,src=${place}`,
    `--output=type=registry,name=${name}`,
  ]);
  assert.ok(build.ran.length > 0, build.log);
  assert.match(build.log, /3 steps, /);
});

test('what a cache has is not sent again, and a build that adds nothing writes nothing', async () => {
  await using w = await wire(copies, files);
  const { bench } = w;
  await bench.build('a', [w.to('cache', ',mode=max'), '--output=type=cacheonly']);
  w.seen();
  await bench.build('b', [w.from('cache'), w.to('cache', ',mode=max'), '--output=type=cacheonly']);
  const same = w.seen();
  assert.equal(same.uploads, [], same.all.join('\n'));
  assert.not.ok(same.all.some((line) => /^PUT .*\/manifests\//.test(line)));
  await bench.write({ c: 'changed' });
  await bench.build('b', [w.from('cache'), w.to('cache', ',mode=max'), '--output=type=cacheonly']);
  // One layer, its key trees, the records.
  assert.is(w.seen().uploads.length, 3);
});

test('from one cache into another of the same registry, layers are mounted', async () => {
  await using w = await wire(copies, files);
  const { bench } = w;
  await bench.build('a', [w.to('cache', ',mode=max'), '--output=type=cacheonly']);
  w.seen();
  const other = `--cache-to=type=registry,ref=${w.proxy.host}/other:cache,mode=max`;
  const build = await bench.build('b', [w.from('cache'), other, '--output=type=cacheonly']);
  assert.equal(build.ran, []);
  const { blobs, uploads, all } = w.seen();
  assert.is(all.filter((line) => /uploads\/\?.*mount=/.test(line)).length, 3, all.join('\n'));
  // The configs of base and cache are read; key trees and records are sent.
  assert.is(blobs.length, 2, all.join('\n'));
  assert.is(uploads.length, 2, all.join('\n'));
});

test('an image with an inline cache is one', async () => {
  await using w = await wire([], files);
  const { bench } = w;
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY a /\nLABEL x=y\nCOPY b /' });
  const push = (tag: string): string => `--output=type=registry,name=${w.proxy.host}/app:${tag}`;
  await bench.build('a', ['--cache-to=type=inline', push('1')]);
  const build = await bench.build('b', [`--cache-from=${w.proxy.host}/app:1`]);
  assert.equal(build.ran, []);
  assert.is(build.text('/b'), 'b');
  await bench.build('a', [push('plain')]);
  const without = await bench.build('c', [`--cache-from=${w.proxy.host}/app:plain`]);
  assert.is(without.ran.length, 2);
  assert.match(without.log, /is an image without a cache/);
});

test('an index of images has the inline cache of each platform', async () => {
  await using w = await wire([], files);
  const { bench } = w;
  await bench.write({
    Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /arch',
    amd64: 'amd64',
    arm64: 'arm64',
  });
  const both = '--platform=linux/amd64,linux/arm64';
  await bench.build('a', [
    '--cache-to=type=inline',
    both,
    `--output=type=registry,name=${w.proxy.host}/app:1`,
  ]);
  const build = await bench.build('b', [
    `--cache-from=${w.proxy.host}/app:1`,
    both,
    '--output=type=cacheonly',
  ]);
  assert.equal(build.ran, []);
  assert.is(build.cached.length, 2);
});

test('a registry that can not be reached is a warning', async () => {
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  const build = await bench.build('a', ['--cache-from=127.0.0.1:1/app:cache', '--output=type=cacheonly']);
  assert.match(build.log, /app:cache is not used/);
});

test('a bucket serves a new machine', async () => {
  const server = await startBucketServer();
  try {
    await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /\nCOPY b /', ...files });
    const { accessKeyID, secretAccessKey } = bucketLogin;
    const place = [
      `type=s3,bucket=${server.bucket},region=eu-test-1,endpoint_url=${server.endpoint},use_path_style=true`,
      `access_key_id=${accessKeyID},secret_access_key=${secretAccessKey},prefix=ci/`,
    ].join(',');
    await bench.build('a', [`--cache-to=${place},mode=max,name=main;other`, '--output=type=cacheonly']);
    const build = await bench.build('b', [`--cache-from=${place},name=other`]);
    assert.equal(build.ran, []);
    assert.is(build.text('/b'), 'b');
    const before = server.requests.length;
    await bench.build('c', [
      `--cache-from=${place},name=main`,
      `--cache-to=${place},name=main,mode=max`,
      '--output=type=cacheonly',
    ]);
    assert.not.ok(server.requests.slice(before).some((line) => line.startsWith('PUT')));
  } finally {
    await server.stop();
  }
});

if (requireFeature('busybox-static', haveBusybox) && requireFeature('docker-registry', hasDockerRegistry()))
  test.run();
