// A CI machine: nothing of its own, a warm cache in the registry, all steps hit, the image is pushed under a new tag.
import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CountingProxy, startCountingProxy } from '../../test/support/counting-proxy.ts';
import { mustRun } from '../../test/support/run-command.ts';
import type { Bench } from '../bench.ts';
import { buildSubjects } from '../build-trial.ts';
import { type Builder, type BuildJob, type Outcome, Skipped } from '../builder.ts';
import { countRan, MARK } from '../check/count-ran.ts';
import { writeFiles } from '../data.ts';
import { expectSame, type Sample, type Scenario, type Trial } from '../scenario.ts';
import { settle } from '../settle.ts';
import { writeDockerfiles } from './steps.ts';

const RUNS = 3;

const application = (base: string): string =>
  `FROM ${base}
WORKDIR /app
COPY files/d0 ./first
RUN ${MARK} && dd if=/dev/urandom of=/made bs=1M count=20 2> /dev/null
COPY . .
RUN ${MARK} && ls > /list
RUN ${MARK} && ls files > /files
CMD ["/bin/sh"]
`;

/** Asked of the registry itself, past the proxy that counts. */
async function layersOf(host: string, name: string): Promise<string> {
  const argv = ['skopeo', 'inspect', '--tls-verify=false', '--raw', `docker://${host}/${name}`];
  const { layers } = JSON.parse(await mustRun(argv));
  return layers.map(({ digest }: { digest: string }) => digest).join();
}

interface Place {
  bench: Bench;
  builder: Builder;
  proxy: CountingProxy;
}

/** One build on a machine that has nothing. */
async function buildAfresh({ bench, builder }: Place, job: BuildJob): Promise<Outcome> {
  const folder = bench.fresh(builder.kind);
  await mkdir(folder);
  const session = await builder.open(folder);
  try {
    await settle();
    return await session.build(job);
  } finally {
    await session.close();
    await bench.trash(folder);
  }
}

async function openTrial(place: Place, repository: string): Promise<Trial> {
  const { bench, proxy } = place;
  const host = await bench.registry();
  const base = (await bench.base(bench.options.quick ? 'busybox' : 'debian')).replace(host, proxy.host);
  const { context, dockerfile } = await writeDockerfiles(bench, base, application(base));
  mkdirSync(join(context, 'files'), { mode: 0o755 });
  writeFiles(join(context, 'files'), { count: bench.size(500, 100), size: 4000 });
  const cache = `${proxy.host}/${repository}:cache`;
  const job = (tag: string): BuildJob => {
    const ref = `${proxy.host}/${repository}:${tag}`;
    return { context, dockerfile, tag: ref, output: { type: 'push', ref } };
  };
  const first = await buildAfresh(place, { ...job('first'), cacheTo: cache });
  expectSame('steps that ran', countRan(first.log), RUNS);
  const layers = await layersOf(host, `${repository}:first`);
  return {
    async sample(round): Promise<Sample> {
      const before = { requests: proxy.requests.length, moved: proxy.moved() };
      const outcome = await buildAfresh(place, { ...job(`build-${round}`), cacheFrom: cache });
      const { log, archive: _, ...measured } = outcome;
      const requests = proxy.requests.length - before.requests;
      const moved = proxy.moved() - before.moved;
      if (place.builder.kind !== 'slipway' && countRan(log) > 0)
        throw new Skipped(`its cache in the registry does not hit: ${countRan(log)} of ${RUNS} steps ran`);
      expectSame('steps that ran', countRan(log), 0);
      expectSame('layers', await layersOf(host, `${repository}:build-${round}`), layers);
      return { ...measured, requests, moved };
    },
    close: () => proxy.stop(),
  };
}

export const ciScenario: Scenario = {
  name: 'ci',
  title: 'CI: empty state, warm registry cache, all hits, push under a new tag',
  what: 'No step may run, and the new tag must have the layers of the first. A proxy counts requests and the bytes of bodies.',
  async subjects(bench) {
    let number = 0;
    return buildSubjects(await bench.builders(), async (builder) => {
      const proxy = await startCountingProxy(await bench.registry());
      try {
        return await openTrial({ bench, builder, proxy }, `app-${number++}`);
      } catch (error) {
        await proxy.stop();
        throw error;
      }
    });
  },
};
