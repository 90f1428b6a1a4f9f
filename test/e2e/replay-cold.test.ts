// Replays as CI runs builds: empty machines and a shared cache. And what a former replay adds to what can be foretold.
import { writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReplayResult } from '../../src/index.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { makeNodeHistory } from '../support/node-history.ts';
import { requireFeature } from '../support/require-feature.ts';
import { requireWorkbench, type Workbench, workbench } from '../support/workbench.ts';

const test = suite('replay-cold');

async function replay(bench: Workbench, flags: readonly string[]): Promise<ReplayResult> {
  const result = await bench.slipway(['bench', bench.base.flag, '--json=-', ...flags, bench.context]);
  assert.is(result.code, 0, result.stderr);
  return JSON.parse(result.stdout) as ReplayResult;
}

const misses = ({ variants }: ReplayResult): string[][] =>
  variants[0]!.builds.map(({ steps }) =>
    steps.flatMap(({ outcome, name }) =>
      outcome === 'ran' ? [name.replace(/^\[.*?\] /, '').slice(0, 20)] : [],
    ),
  );

if (requireWorkbench() && requireFeature('docker-registry', hasDockerRegistry())) {
  test('a cold runner hits what the registry has; with its times, --dry foretells what comes out the same, too', async () => {
    await using bench = await workbench();
    const sleep = { install: 0.05, build: 0.02 };
    await makeNodeHistory(bench.context, { commits: 60, seed: 7, sleep, installIsPure: true });
    const registry = await startDockerRegistry();
    try {
      // A change of sources, then one of tests, then a release: what npm installs does not change with that.
      const cold = ['--commits=main~6..main~3', '--runner=cold'];
      const shared = [...cold, `--cache=registry=${registry.host}/app:cache`];
      const real = await replay(bench, shared);
      const builds = real.variants[0]!.builds;
      assert.equal(
        builds.map(({ hits, misses }) => hits > 0 || misses > 0),
        builds.map(() => true),
      );
      assert.ok(builds.slice(1).every(({ bytes, hits }) => hits === 0 || bytes.pulled >= 0));
      assert.ok(builds[0]!.bytes.pushed > 0);
      assert.is(builds[1]!.misses, 0);
      assert.ok(
        builds[1]!.steps.every(({ outcome, sources }) => outcome !== 'hit' || sources[0] !== 'local'),
      );
      const release = misses(real)[2]!;
      assert.ok(release.some((name) => name.startsWith('RUN sleep')));
      assert.not.ok(
        release.some((name) => name.startsWith('COPY --from=deps')),
        release.join(),
      );

      const alone = await replay(bench, [...shared, '--dry']);
      // Taken for new, because its key is.
      assert.ok(misses(alone)[2]!.some((name) => name.startsWith('COPY --from=deps')));
      const file = bench.file('real.json');
      await writeFile(file, JSON.stringify(real));
      const informed = await replay(bench, [...shared, '--dry', `--times=${file}`]);
      assert.equal(misses(informed), misses(real));
      assert.ok(informed.variants[0]!.builds.every(({ seconds }) => seconds !== null));
      assert.ok(informed.variants[0]!.builds[2]!.seconds! > 0.05);

      const nothing = await replay(bench, [...cold, '--dry']);
      assert.equal(
        nothing.variants[0]!.builds.map(({ hits }) => hits),
        [0, 0, 0],
      );
    } finally {
      await registry.stop();
    }
  });
}

test.run();
