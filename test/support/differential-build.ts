// One generated build, made by Slipway and by buildah, and how the two images differ.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRequest } from '../../src/build-request.ts';
import { createEngine, type Engine } from '../../src/engine.ts';
import { type Buildah, startBuildah } from './buildah.ts';
import type { DifferentialCase } from './buildah-differences.ts';
import { type BaseImage, busyboxBase } from './busybox-base.ts';
import { compareImages, type Difference, viewImage } from './compare-images.ts';
import { generateDockerfile } from './generate-dockerfile.ts';
import { generateContext, writeContext } from './generated-context.ts';
import { readOciImage } from './oci-image.ts';
import { tempDir } from './temp-dir.ts';

export interface DifferentialBench extends AsyncDisposable {
  /** Builds what the seed stands for, twice. @throws where one of the two fails */
  compare(seed: number): Promise<{ differences: Difference[]; built: DifferentialCase }>;
}

/** Of the folders in the base. */
const baseTime = 1_700_000_000;

function buildRequest(base: BaseImage, at: { context: string; tar: string }): BuildRequest {
  return {
    ...{ context: at.context, cwd: at.context, dockerfile: undefined, target: undefined, platforms: [] },
    buildContexts: [{ name: 'base', value: `oci-layout://${base.path}:latest` }],
    outputs: [{ type: 'oci', dest: at.tar, tar: true, names: [], options: { compression: 'uncompressed' } }],
    ...{ buildArgs: {}, labels: {}, tags: [], noCache: false, noCacheFilter: [], pull: false },
    ...{ network: 'default', allow: [], secrets: [], ssh: [], addHosts: [], env: {} },
    ...{ shmSize: undefined, ulimits: [], stdin: undefined, stdout: undefined },
  };
}

async function compareSeed(
  folder: string,
  parts: { base: BaseImage; engine: Engine; buildah: Buildah; since: number },
  seed: number,
): Promise<{ differences: Difference[]; built: DifferentialCase }> {
  const { base, engine, buildah, since } = parts;
  const context = await generateContext(seed);
  const dockerfile = generateDockerfile(seed, context);
  const files = join(folder, 'context');
  mkdirSync(files, { recursive: true });
  writeContext(files, context);
  writeFileSync(join(files, 'Dockerfile'), dockerfile);
  const tar = join(folder, 'slipway.tar');
  try {
    const signal = AbortSignal.timeout(300_000);
    await engine.build(buildRequest(base, { context: files, tar }), { signal, onEvent() {} });
    const layout = await buildah.build(files, join(folder, 'buildah'));
    const [left, right] = [await readOciImage(tar), await readOciImage(layout)];
    const folders = context.entries.filter(({ type }) => type === 'folder').map(({ mtime }) => mtime);
    return {
      differences: compareImages(viewImage(left, since), viewImage(right, since)),
      built: { dockerfile, folderTimes: [...folders, baseTime] },
    };
  } catch (error) {
    throw new Error(`seed ${seed}:\n${dockerfile}\n${(error as Error).message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

export async function differentialBench(): Promise<DifferentialBench> {
  const dir = await tempDir();
  const base = await busyboxBase(dir.file('base'));
  const buildah = await startBuildah(dir.file('buildah'), base).catch(async (error) => {
    await dir[Symbol.asyncDispose]();
    throw error;
  });
  const engine = createEngine({
    ...{ root: dir.file('state'), isolation: 'auto', snapshotter: 'auto', parallelism: 2 },
    env: { PATH: process.env['PATH'] },
  });
  const since = Math.floor(Date.now() / 1000) - 1;
  return {
    compare: (seed) => compareSeed(dir.file(`seed-${seed}`), { base, engine, buildah, since }, seed),
    async [Symbol.asyncDispose]() {
      await buildah[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}
