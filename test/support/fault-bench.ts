// Pushes, pulls and copies through a faulty registry, held against what the real one behind it and the store then have.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createEngine, type Engine } from '../../src/engine.ts';
import { SlipwayError } from '../../src/errors.ts';
import { openStore } from '../../src/images/open-store.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { type DockerRegistry, startDockerRegistry } from './docker-registry.ts';
import { type FaultProxy, faultLogin, secretMark, startFaultProxy } from './fault-proxy.ts';
import type { FaultSchedule } from './fault-schedule.ts';
import { pushImage, pushManifest } from './push-image.ts';
import { createRandom } from './random.ts';
import { type Blob, indexOf, smallImage } from './small-image.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

export type Work = 'push' | 'pull' | 'copy in' | 'copy out' | 'copy within';
/** Of the tags `one`, an image, and `all`, an index of two and an attestation. */
export type Tag = 'one' | 'all';

export interface Trial {
  work: Work;
  tag: Tag;
  schedule: FaultSchedule;
  /** Milliseconds without a byte after which a connection is given up. */
  idleTimeout: number;
}

export interface FaultBench extends AsyncDisposable {
  /** Does the work through faults, checks what is there after it, and after a failure does it again without faults. */
  run(trial: Trial): Promise<{ error: SlipwayError | undefined; log: string[] }>;
}

/** What a tag stands for: its blobs, and its manifests, the top one first. */
interface Tagged {
  blobs: Blob[];
  manifests: Blob[];
}

function noise(seed: number, size: number): Buffer {
  const random = createRandom(seed);
  return Buffer.from(Array.from({ length: size }, () => random.number(256)));
}

function makeImages(): Record<Tag, Tagged> & { index: Blob; images: ReturnType<typeof smallImage>[] } {
  const shared = noise(1, 20_000);
  const images = [
    smallImage({ layers: [noise(2, 300_000), shared, 'small'] }),
    smallImage({ layers: [shared, 'arm'], platform: { os: 'linux', architecture: 'arm64' } }),
    smallImage({ layers: ['a statement'], platform: { os: 'unknown', architecture: 'unknown' } }),
  ] as const;
  const [amd64, arm64, note] = images;
  const index = indexOf([
    { blob: amd64.manifest, platform: { os: 'linux', architecture: 'amd64' } },
    { blob: arm64.manifest, platform: { os: 'linux', architecture: 'arm64' } },
    { blob: note.manifest, platform: { os: 'unknown', architecture: 'unknown' }, attestation: true },
  ]);
  const all = images.flatMap(({ config, layers }) => [config, ...layers]);
  return {
    ...{ index, images: [...images] },
    one: { blobs: [amd64.config, ...amd64.layers], manifests: [amd64.manifest] },
    all: { blobs: all, manifests: [index, ...images.map(({ manifest }) => manifest)] },
  };
}

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const quiet = { onEvent() {} };

/** A clear failure, or undefined; a bug is thrown on. */
async function endOf(work: Promise<unknown>): Promise<SlipwayError | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return undefined;
  if (!(error instanceof SlipwayError)) throw error;
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    const hint = one instanceof SlipwayError ? (one.hint ?? '') : '';
    assert.not.match(`${one.message} ${hint}`, secretMark);
  }
  assert.not.match(error.message, '\n');
  assert.is.not(error.code, 'ERR_ABORTED', error.message);
  return error;
}

/** The registry keeps the bytes of a blob once, whoever sends them: they are looked at in the end. */
async function checkBytes(host: string, { blobs }: Tagged): Promise<void> {
  for (const { digest, bytes } of blobs) {
    const response = await fetch(`http://${host}/v2/source/blobs/${digest}`);
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes), `the blob ${digest} is damaged`);
  }
}

/** Whether the registry has the tag; where it does, all of it must be right. */
async function checkRegistry(host: string, repository: string, image: Tagged): Promise<boolean> {
  const url = `http://${host}/v2/${repository}`;
  const headers = { accept: Object.values(mediaType).join(', ') };
  const get = async (path: string): Promise<Buffer | undefined> => {
    const response = await fetch(`${url}/${path}`, { headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    return response.status === 200 ? bytes : undefined;
  };
  const tagged = await get('manifests/v1');
  if (!tagged) return false;
  assert.ok(tagged.equals(image.manifests[0]!.bytes), 'the tag stands for something else');
  for (const { digest, bytes } of image.manifests)
    assert.ok((await get(`manifests/${digest}`))?.equals(bytes), `the manifest ${digest}`);
  await Promise.all(
    image.blobs.map(async ({ digest, size }) => {
      const { status, headers: said } = await fetch(`${url}/blobs/${digest}`, { method: 'HEAD' });
      assert.equal([status, Number(said.get('content-length'))], [200, size], `the blob ${digest}`);
    }),
  );
  return true;
}

/** Whether the store has the name; where it does, it has all of the image, and in either case nothing that is wrong. */
async function checkStore(root: string, name: string, image: Tagged): Promise<boolean> {
  const folder = join(root, 'blobs/sha256');
  const there = new Set<string>();
  for (const hex of existsSync(folder) ? await readdir(folder) : []) {
    assert.is(sha256(await readFile(join(folder, hex))), `sha256:${hex}`, 'a blob is damaged');
    there.add(`sha256:${hex}`);
  }
  if (existsSync(join(root, 'tmp'))) assert.equal(await readdir(join(root, 'tmp')), [], 'left in tmp');
  const found: Digest | undefined = existsSync(root)
    ? openStore({ root }).images.resolve(name)?.digest
    : undefined;
  if (found === undefined) return false;
  assert.is(found, image.manifests[0]!.digest);
  for (const { digest } of [...image.blobs, ...image.manifests])
    assert.ok(there.has(digest), `${digest} is missing`);
  return true;
}

interface Parts {
  dir: TempDir;
  registry: DockerRegistry;
  made: ReturnType<typeof makeImages>;
  engine(root: string, settings: { retries: number; idleTimeout: number }): Engine;
}

export async function faultBench(): Promise<FaultBench> {
  const dir = await tempDir();
  const registry = await startDockerRegistry();
  const made = makeImages();
  const target = { host: registry.host, repository: 'source' };
  for (const image of made.images) await pushImage(target, image);
  await pushManifest(target, made.images[0]!.manifest, 'one');
  await pushManifest(target, made.index, 'all');
  const engine: Parts['engine'] = (root, settings) =>
    createEngine({
      ...{ root, isolation: 'auto', snapshotter: 'copy', parallelism: 2 },
      env: { PATH: process.env['PATH'], HOME: dir.file('home') },
      registry: { login: faultLogin, retryDelay: 0, ...settings },
    });
  const pushing = engine(dir.file('pushing'), { retries: 0, idleTimeout: 60_000 });
  for (const tag of ['one', 'all']) {
    const request = { name: `${registry.host}/source:${tag}`, allTags: false, allPlatforms: true };
    await pushing.registries.pull(request, { ...quiet, signal: new AbortController().signal });
  }
  const parts: Parts = { dir, registry, made, engine };
  let count = 0;
  return {
    async run(trial) {
      const proxy = await startFaultProxy({ target: registry.host, ...trial.schedule });
      try {
        return await runTrial(parts, trial, { proxy, id: count++ });
      } catch (error) {
        const cause = error instanceof Error ? error.stack : String(error);
        throw new Error(
          `${cause}\n${trial.work} ${trial.tag} ${JSON.stringify(trial.schedule.manners)}\n${proxy.log.join('\n')}`,
        );
      } finally {
        await proxy.stop();
      }
    },
    async [Symbol.asyncDispose]() {
      await checkBytes(registry.host, made.all);
      await registry.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function runTrial(
  { dir, registry, made, engine }: Parts,
  { work, tag, idleTimeout }: Trial,
  { proxy, id }: { proxy: FaultProxy; id: number },
): Promise<{ error: SlipwayError | undefined; log: string[] }> {
  const image = made[tag];
  const repository = `trial${id}/app`;
  const root = dir.file(work === 'push' ? 'pushing' : `state${id}`);
  const source = (host: string): string => `${host}/source:${tag}`;
  const destination = (host: string): string => `${host}/${repository}:v1`;

  function start(settings: { retries: number; idleTimeout: number }): Promise<unknown> {
    const { registries } = engine(root, settings);
    const call = { ...quiet, signal: AbortSignal.timeout(120_000) };
    const { host } = registry;
    const copy = (from: string, to: string) =>
      registries.copy({ source: source(from), destination: destination(to) }, call);
    if (work === 'copy in') return copy(host, proxy.host);
    if (work === 'copy out') return copy(proxy.host, host);
    if (work === 'copy within') return copy(proxy.host, proxy.host);
    if (work === 'push')
      return registries.push(
        { name: source(host), allTags: false, destination: destination(proxy.host) },
        call,
      );
    return registries.pull({ name: source(proxy.host), allTags: false, allPlatforms: true }, call);
  }

  const check = (): Promise<boolean> =>
    work === 'pull'
      ? checkStore(root, source(proxy.host), image)
      : checkRegistry(registry.host, repository, image);

  const error = await endOf(start({ retries: 3, idleTimeout }));
  const log = [...proxy.log];
  const isThere = await check();
  if (!error) assert.ok(isThere, 'it is not there after a success');
  // What was pushed with its answer lost is there all the same.
  if (error && work === 'pull') assert.not.ok(isThere, 'there is a name after a failure');
  assert.equal(proxy.leaked, [], 'a login went to the storage');
  if (!error) return { error, log };
  proxy.calm();
  const second = await endOf(start({ retries: 3, idleTimeout: 60_000 }));
  if (second) throw new Error(`without faults: ${second.message}`);
  assert.ok(await check(), 'it is not there after a run without faults');
  return { error, log };
}
