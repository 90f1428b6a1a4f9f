// Builds that take a shared cache from a faulty registry and bring it there, held against what they should make.
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import { createEngine, type EngineOptions, SlipwayError } from '../../src/index.ts';
import { type CacheBench, cacheBench } from './cache-bench.ts';
import { createTestSession } from './cli-session.ts';
import { type DockerRegistry, startDockerRegistry } from './docker-registry.ts';
import { faultLogin, secretMark, startFaultProxy } from './fault-proxy.ts';
import type { FaultSchedule } from './fault-schedule.ts';
import { readOciImage } from './oci-image.ts';

export interface CacheTrial {
  schedule: FaultSchedule;
  /** Also exports to another tag. */
  exports: boolean;
}

export interface FaultyCaches extends AsyncDisposable {
  /** A build on an empty machine through faults, and one after it without. Returns what the first told. */
  run(trial: CacheTrial): Promise<{ error: SlipwayError | undefined; log: string }>;
}

const noise = Array.from({ length: 20_000 }, (_, line) => `${line * 7919}\n`).join('');

export async function faultyCaches(): Promise<FaultyCaches> {
  const bench = await cacheBench({
    Dockerfile: 'FROM scratch\nCOPY a /\nCOPY large /\nCOPY c /',
    ...{ a: 'a', large: noise, c: 'c' },
  });
  const registry = await startDockerRegistry();
  const place = (host: string, tag: string): string => `type=registry,ref=${host}/app:${tag}`;
  await bench.build('first', [
    `--cache-to=${place(registry.host, 'cache')},mode=max`,
    '--output=type=cacheonly',
  ]);
  let count = 0;
  return {
    async run(trial) {
      const id = count++;
      const proxy = await startFaultProxy({ target: registry.host, ...trial.schedule });
      const from = `--cache-from=${place(proxy.host, 'cache')}`;
      const to = trial.exports ? [`--cache-to=${place(proxy.host, `to${id}`)},mode=max`] : [];
      try {
        const first = await build(bench, `faulty${id}`, { flags: [from, ...to], idleTimeout: 300 });
        const log = `${first.log}\n${proxy.log.join('\n')}`;
        assert.not.match(`${first.log}${first.error?.message}${first.error?.hint}`, secretMark);
        assert.equal(proxy.leaked, [], 'a login went to the storage');
        proxy.calm();
        if (trial.exports) await checkExport({ bench, registry }, `to${id}`);
        const second = await build(bench, `faulty${id}`, { flags: [from, ...to], idleTimeout: 60_000 });
        assert.is(second.error, undefined, second.error?.message);
        return { error: first.error, log };
      } catch (error) {
        const text = error instanceof Error ? error.stack : String(error);
        throw new Error(`${text}\n${JSON.stringify(trial.schedule.manners)}\n${proxy.log.join('\n')}`);
      } finally {
        await proxy.stop();
      }
    },
    async [Symbol.asyncDispose]() {
      await registry.stop();
      await bench[Symbol.asyncDispose]();
    },
  };

  /** A cache that is there is one. */
  async function checkExport(
    at: { bench: CacheBench; registry: DockerRegistry },
    tag: string,
  ): Promise<void> {
    const flags = [`--cache-from=${place(at.registry.host, tag)}`];
    const { error } = await build(at.bench, `check-${tag}`, { flags, idleTimeout: 60_000 });
    assert.is(error, undefined, error?.message);
  }
}

/** Builds into a tar, which is checked where there is one. */
async function build(
  bench: CacheBench,
  machine: string,
  { flags, idleTimeout }: { flags: string[]; idleTimeout: number },
): Promise<{ error: SlipwayError | undefined; log: string }> {
  const env = { PATH: process.env['PATH'], HOME: bench.path };
  const session = createTestSession({ cwd: bench.path, env });
  const tar = bench.file(`${machine}.tar`);
  const own = ['--root', bench.file(`state-${machine}`), '--progress=plain', `--output=type=oci,dest=${tar}`];
  const faster = (options: EngineOptions) =>
    createEngine({
      ...options,
      registry: { ...options.registry, login: faultLogin, retryDelay: 0, retries: 3, idleTimeout },
    });
  const error = await runBuild([...own, ...flags, bench.file('context')], session, faster).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const log = session.err.text();
  if (error !== undefined && !(error instanceof SlipwayError)) throw error;
  if (error === undefined) {
    const { files } = await readOciImage(tar);
    const texts = ['/a', '/large', '/c'].map((path) => files.get(path)?.content.toString());
    assert.ok(texts[0] === 'a' && texts[1] === noise && texts[2] === 'c', 'the image has other files');
  }
  return { error, log };
}
